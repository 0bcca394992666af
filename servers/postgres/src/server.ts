import { defineServer } from "@mooring/core";
import manifest from "../package.json" with { type: "json" };
import { mapError } from "./errors.ts";
import { prompts } from "./prompts/index.ts";
import { resources } from "./resources/index.ts";
import type { Deps } from "./tool.ts";
import { tools } from "./tools/index.ts";

export const postgres = defineServer<Deps>({
  name: "postgres",
  title: "Postgres",
  version: manifest.version,
  fenced: true,
  tools,
  resources,
  prompts,
  changingLists: ["resources"],
  skill: new URL("../SKILL.md", import.meta.url),
  mapError,
});
