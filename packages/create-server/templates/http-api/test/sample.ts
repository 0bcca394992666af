import { fileURLToPath } from "node:url";
import { type Sample, startProgram } from "@mooring/testing";

/** What suites across servers need to run this one: a service to talk to, and a call with a known answer. */
export const sample: Sample = {
  call: { tool: "list_tickets", arguments: {}, contains: "The lamp is dark" },
  async start() {
    const service = await startProgram("tickets", { file: fileURLToPath(new URL("service.mjs", import.meta.url)) });
    return {
      args: ["--url", service.url],
      env: { EXAMPLE_TOKEN: "test-token" },
      services: [service],
      [Symbol.asyncDispose]: () => service.stop(),
    };
  },
};
