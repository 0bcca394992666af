import { defineServer } from "@mooring/core";
import manifest from "../package.json" with { type: "json" };
import { mapError } from "./errors.ts";
import { explore } from "./prompts/explore.ts";
import { file } from "./resources/file.ts";
import type { Deps } from "./tool.ts";
import { tools } from "./tools/index.ts";

export const filesystem = defineServer<Deps>({
  name: "filesystem",
  title: "Files",
  version: manifest.version,
  instructions: "Only the directories that `list` names without a path are in reach.",
  fenced: true,
  tools,
  resources: [file],
  prompts: [explore],
  skill: new URL("../SKILL.md", import.meta.url),
  mapError,
});
