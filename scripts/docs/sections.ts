import {
  budgetTable,
  commonOptions,
  exitCodeTable,
  informationTable,
  optionTable,
  pipeline,
  resourceTable,
  table,
  toolTable,
} from "@mooring/core/docs";
import { configurations, hosts, type Launch } from "../hosts.ts";
import { stageWords } from "./pipeline-words.ts";
import { countTokens, type DocumentedServer } from "./servers.ts";

/** What stands between `<!-- begin:NAME -->` and `<!-- end:NAME -->`, by name. */
export type Sections = Readonly<Record<string, string>>;

/** Every page with generated sections. */
export function sectionsOf(servers: readonly DocumentedServer[]): Readonly<Record<string, Sections>> {
  const [first] = servers;
  if (!first) throw new Error("There is no server in servers/.");
  return {
    "README.md": { servers: serverTable(servers), hosts: hostSnippets(first) },
    "docs/architecture.md": { pipeline: pipelineTable() },
    "docs/cli.md": {
      options: optionTable("<server>", commonOptions({ redact: "own" })),
      information: informationTable(),
      "exit-codes": exitCodeTable(),
    },
    ...Object.fromEntries(servers.map((server) => [`servers/${server.name}/README.md`, serverSections(server)])),
  };
}

function serverSections(server: DocumentedServer): Sections {
  const { name, definition, options } = server;
  return {
    tools: toolTable(definition),
    resources: resourceTable(definition),
    options: optionTable(name, options),
    "common-options": optionTable(name, commonOptions({ redact: definition.redact ?? "own" })),
    budgets: budgetTable(definition, countTokens),
    "exit-codes": exitCodeTable(),
    hosts: hostSnippets(server),
  };
}

function serverTable(servers: readonly DocumentedServer[]): string {
  return table(
    ["Server", "Package", "What it does", "Tools"],
    servers.map(({ name, package: id, description, definition }) => [
      `[${definition.title}](servers/${name}/README.md)`,
      `\`${id}\``,
      description,
      definition.tools.map((tool) => `\`${tool.name}\``).join(" "),
    ]),
  );
}

/** How to start a published server: what stands on the command line after the package is the server's first positional. */
function published({ name, package: id, options }: DocumentedServer): Launch {
  const positional = Object.values(options).some((option) => option.positional);
  return { name, command: "npx", args: ["-y", id, ...(positional ? ["/path/to/directory"] : [])] };
}

function hostSnippets(server: DocumentedServer): string {
  const launch = published(server);
  const snippets = configurations(launch).map(({ hosts: together, text }) => {
    const { language } = together[0] as (typeof hosts)[number];
    const where = together.map(({ name, file }) => `- **${name}**: ${file}`).join("\n");
    return `${where}\n\n\`\`\`${language}\n${text}\n\`\`\``;
  });
  const commands = hosts.flatMap(({ command }) => command?.(launch) ?? []);
  return [...snippets, `Or let the host write it:\n\n\`\`\`sh\n${commands.join("\n")}\n\`\`\``].join("\n\n");
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
