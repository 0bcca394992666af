import { copyFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { bundle } from "@mooring/core/bundle";
import { defineConfig } from "tsdown";

const options = bundle({
  bin: "src/bin.ts",
  "parse-worker": "src/guard/parse-worker.ts",
  "demo-worker": "src/demo/worker.ts",
});

export default defineConfig({
  ...options,
  // The embedded database has 25 MB: whoever wants the demo installs it beside the server.
  deps: { ...options.deps, alwaysBundle: [/^(?!@electric-sql\/pglite)/], neverBundle: [/^@electric-sql\/pglite/] },
  // The parser looks for its code beside the file that loads it, by CommonJS's name for that place.
  define: { __dirname: "import.meta.dirname" },
  hooks: {
    async "build:done"() {
      const wasm = createRequire(import.meta.url).resolve("libpg-query/wasm/libpg-query.wasm");
      await copyFile(wasm, new URL("dist/libpg-query.wasm", import.meta.url));
    },
  },
});
