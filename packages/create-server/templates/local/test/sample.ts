import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Sample } from "@mooring/testing";

/** What suites across servers need to run this one: a folder, and a call with a known answer. */
export const sample: Sample = {
  call: { tool: "list_notes", arguments: {}, contains: "Tide table" },
  async start(folder) {
    await writeFile(join(folder, "Tide table.md"), "High water at noon.\n");
    await writeFile(join(folder, "Repairs.md"), "The third step creaks.\n");
    return { args: [folder], [Symbol.asyncDispose]: async () => {} };
  },
};
