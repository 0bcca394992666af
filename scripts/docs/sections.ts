import {
  commonOptions,
  exitCodeTable,
  hostSnippets,
  informationTable,
  optionTable,
  pipeline,
  publishedLaunch,
  type Sections,
  table,
} from "@mooring/core/docs";
import { rulesTable } from "../../packages/testing/src/compare/rules.ts";
import { stageWords } from "./pipeline-words.ts";
import type { DocumentedServer } from "./servers.ts";

/** Every page with generated sections, besides those of the servers. */
export function sectionsOf(servers: readonly DocumentedServer[]): Readonly<Record<string, Sections>> {
  const [first] = servers;
  if (!first) throw new Error("There is no server in servers/.");
  return {
    "README.md": {
      servers: serverTable(servers),
      hosts: hostSnippets(publishedLaunch(first.definition, first.options, first.manifest)),
    },
    "docs/architecture.md": { pipeline: pipelineTable() },
    "docs/versioning.md": { rules: rulesTable() },
    "docs/cli.md": {
      options: optionTable("<server>", commonOptions({ redact: "own" })),
      information: informationTable(),
      "exit-codes": exitCodeTable(),
    },
  };
}

function serverTable(servers: readonly DocumentedServer[]): string {
  return table(
    ["Server", "Package", "What it does", "Tools"],
    servers.map(({ path, manifest, definition }) => [
      `[${definition.title}](${path}/README.md)`,
      `\`${manifest.name}\``,
      manifest.description,
      definition.tools.map((tool) => `\`${tool.name}\``).join(" "),
    ]),
  );
}

function pipelineTable(): string {
  const names = pipeline.map(({ name }) => name);
  const stale = Object.keys(stageWords).filter((name) => !names.includes(name));
  if (stale.length > 0)
    throw new Error(`scripts/docs/pipeline-words.ts names stages that are gone: ${stale.join(", ")}.`);
  return table(
    ["", "Stage", "What it does"],
    names.map((name, index) => {
      const words = stageWords[name];
      if (!words) throw new Error(`scripts/docs/pipeline-words.ts has no sentence for the stage "${name}".`);
      return [String(index + 1), name, words];
    }),
  );
}
