import { defineServer } from "@mooring/core";
import manifest from "../package.json" with { type: "json" };
import { mapError } from "./errors.ts";
// begin: samples
import { triage } from "./prompts/triage.ts";
import { ticket } from "./resources/ticket.ts";
// end: samples
import type { Deps } from "./tool.ts";
import { tools } from "./tools/index.ts";

export const server = defineServer<Deps>({
  name: "example",
  title: "Example",
  version: manifest.version,
  // Text of others stands in results: core explains the boundary around it to the model.
  fenced: true,
  tools,
  // begin: samples
  resources: [ticket],
  prompts: [triage],
  // end: samples
  skill: new URL("../SKILL.md", import.meta.url),
  mapError,
});
