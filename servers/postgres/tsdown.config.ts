import { bundle } from "@mooring/core/bundle";
import { defineConfig } from "tsdown";

export default defineConfig(bundle({ bin: "src/bin.ts" }));
