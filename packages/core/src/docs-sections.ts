import type { ServerDefinition } from "./definition.ts";
import {
  budgetTable,
  exitCodeTable,
  informationTable,
  optionTable,
  replaceSection,
  resourceTable,
  toolTable,
} from "./docs-tables.ts";
import { DocumentError, type PackageManifest } from "./docs-package.ts";
import { isRequired, pathKind } from "./docs-settings.ts";
import type { Answers } from "./information.ts";
import { configurations, hosts, type Host, type Launch } from "./hosts.ts";
import { nearest } from "./nearest.ts";
import { commonOptions, type Options, variableOf } from "./options.ts";

/** What stands between `<!-- begin:NAME -->` and `<!-- end:NAME -->`, by name. */
export type Sections = Readonly<Record<string, string>>;

/**
 * Every section that a server's README may have. `countTokens` is the tokenizer of the budgets (o200k_base where ours are stated),
 * `answers` what the server gives to `RunOptions`.
 */
export function readmeSections<Deps>(
  definition: ServerDefinition<Deps>,
  options: Options,
  manifest: PackageManifest,
  countTokens: (text: string) => number,
  answers: Answers = {},
): Sections {
  const { name, redact = "own" } = definition;
  return {
    tools: toolTable(definition),
    resources: resourceTable(definition),
    options: optionTable(name, options),
    "common-options": optionTable(name, commonOptions({ redact })),
    information: informationTable(answers),
    budgets: budgetTable(definition, countTokens),
    "exit-codes": exitCodeTable(),
    hosts: hostSnippets(publishedLaunch(definition, options, manifest)),
  };
}

/** The names of a page's sections, in their order. @throws DocumentError for one that is not closed */
export function sectionNames(page: string): string[] {
  const names = [...page.matchAll(/<!-- begin:(\S+) -->/g)].map(([, name]) => name as string);
  const open = names.find((name) => !page.includes(`<!-- end:${name} -->`));
  if (open !== undefined) throw new DocumentError(`The section "${open}" has no <!-- end:${open} -->.`);
  return [...new Set(names)];
}

/** Rewrites the sections that a page has. @throws DocumentError for a section that nothing is known of */
export function fillSections(page: string, sections: Sections): string {
  return sectionNames(page).reduce((text, name) => {
    const body = Object.hasOwn(sections, name) ? sections[name] : undefined;
    if (body !== undefined) return replaceSection(text, name, body);
    const near = nearest(name, Object.keys(sections));
    throw new DocumentError(
      `There is no section "${name}"${near ? `: did you mean "${near}"?` : "."} There are: ${Object.keys(sections).join(", ")}.`,
    );
  }, page);
}

/** How a host starts a published server, with something to replace where a person has to say something. */
export function publishedLaunch<Deps>(
  { name: server }: ServerDefinition<Deps>,
  options: Options,
  { name }: PackageManifest,
): Launch {
  const all = Object.entries(options);
  const needed = all.filter(([, option]) => !option.positional && isRequired(option));
  // Servers list their tools without a credential, so most declare theirs as optional; nobody wants to go without it.
  const credential = needed.some(([, option]) => option.credential)
    ? undefined
    : all.find(([, option]) => option.credential);
  const named = credential ? [...needed, credential] : needed;
  const variables = named.map(([key, option]) => variableOf(server, key, option));
  const onLine = all.flatMap(([key, option]) =>
    option.positional ? (pathKind(option) ? `/path/to/${pathKind(option)}` : `<${option.valueName ?? key}>`) : [],
  );
  return {
    name: server,
    command: "npx",
    args: ["-y", name, ...onLine],
    ...(variables.length > 0 && { env: Object.fromEntries(variables.map((variable) => [variable, `<${variable}>`])) }),
  };
}

/** What a person pastes into each host, and the commands of hosts that have one. Markdown. */
export function hostSnippets(launch: Launch): string {
  const snippets = configurations(launch).map(({ hosts: together, text }) => {
    const { language } = together[0] as Host;
    const where = together.map(({ name, file }) => `- **${name}**: ${file}`).join("\n");
    return `${where}\n\n\`\`\`${language}\n${text}\n\`\`\``;
  });
  const commands = hosts.flatMap(({ command }) => command?.(launch) ?? []);
  return [...snippets, `Or let the host write it:\n\n\`\`\`sh\n${commands.join("\n")}\n\`\`\``].join("\n\n");
}
