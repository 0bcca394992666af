import { defineServer } from "@mooring/core";
import manifest from "../package.json" with { type: "json" };
import { mapError } from "./errors.ts";
import { summarize } from "./prompts/summarize.ts";
import { note } from "./resources/note.ts";
import type { Deps } from "./tool.ts";
import { tools } from "./tools/index.ts";

export const server = defineServer<Deps>({
  name: "example",
  title: "Example",
  version: manifest.version,
  // Text of others stands in results: core explains the boundary around it to the model.
  fenced: true,
  tools,
  resources: [note],
  prompts: [summarize],
  skill: new URL("../SKILL.md", import.meta.url),
  mapError,
});
