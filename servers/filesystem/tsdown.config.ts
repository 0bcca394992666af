import { defineConfig } from "tsdown";

export default defineConfig({
  // The worker is an entry of its own: threads load it by file name.
  entry: { bin: "src/bin.ts", "search-worker": "src/search/worker.ts" },
  platform: "node",
  target: "node22.12",
  fixedExtension: false,
  minify: true,
  dts: false,
  deps: { alwaysBundle: [/.*/], onlyBundle: false },
});
