import { defineServer } from "@mooring/core";
import manifest from "../package.json" with { type: "json" };
import { mapError } from "./errors.ts";
import { restock } from "./prompts/restock.ts";
import { item } from "./resources/item.ts";
import type { Deps } from "./tool.ts";
import { tools } from "./tools/index.ts";

export const server = defineServer<Deps>({
  name: "postgres",
  title: "Postgres",
  version: manifest.version,
  // Text of others stands in results: core explains the boundary around it to the model.
  fenced: true,
  tools,
  resources: [item],
  prompts: [restock],
  skill: new URL("../SKILL.md", import.meta.url),
  mapError,
});
