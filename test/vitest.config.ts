import { mergeConfig } from "vitest/config";
import { shared } from "../vitest.shared.ts";

// The suites stand beside this file, one folder each.
export default mergeConfig(shared("test"), { test: { include: ["**/*.test.ts"] } });
