import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Sample } from "@mooring/testing";

/** What the suites that run across servers need to know of this one. */
export const sample: Sample = {
  call: { tool: "read", arguments: { paths: ["hello.txt"] }, contains: "hello from a file" },
  async start(folder) {
    writeFileSync(join(folder, "hello.txt"), "hello from a file\n");
    return { args: [folder], [Symbol.asyncDispose]: async () => {} };
  },
};
