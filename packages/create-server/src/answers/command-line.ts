import { parseArgs } from "node:util";
import { nearest } from "@mooring/core";
import { asTyped } from "../as-typed.ts";
import { Problem } from "../problem.ts";

/** What the command line says; what it leaves open is asked, or has a default. */
export interface CommandLine {
  readonly directory?: string | undefined;
  readonly name?: string | undefined;
  readonly kind?: string | undefined;
  readonly access?: string | undefined;
  readonly licence?: string | undefined;
  readonly author?: string | undefined;
  readonly description?: string | undefined;
  readonly token?: string | undefined;
  readonly openapi?: string | undefined;
  readonly operations?: readonly string[] | undefined;
  readonly upgrade: boolean;
  readonly apply: boolean;
  readonly yes: boolean;
  readonly help: boolean;
  readonly version: boolean;
}

export const USAGE = `Usage: npm create @mooring/server [directory] -- [options]

  --kind http-api|database|local  what the new server wraps
  --name NAME                     the package's name; default: the directory's
  --access read|write|full        the most it offers; default: full
  --licence MIT|Apache-2.0|UNLICENSED
  --author NAME                   stands in the licence; default: what git says
  --description TEXT              what it is, in one line
  --token VARIABLE                where an API's token is looked for; default: the name and _TOKEN
  --openapi FILE                  a description of the API (JSON or YAML): its operations become the tools
  --operations a,b                which ones; without it they are listed
  --yes                           ask nothing: what is not said has its default
  --upgrade                       in a project made by this: show what the template has changed since
  --apply                         with --upgrade: make these changes
  --version  --help
`;

const text = { type: "string" } as const;
const flag = { type: "boolean", default: false } as const;
const OPTIONS = {
  name: text,
  kind: text,
  access: text,
  licence: text,
  license: text,
  author: text,
  description: text,
  token: text,
  openapi: text,
  operations: text,
  upgrade: flag,
  apply: flag,
  yes: { ...flag, short: "y" },
  help: { ...flag, short: "h" },
  version: flag,
} as const;
// An upgrade takes them from what it finds.
const OF_A_NEW_ONE = [
  "name",
  "kind",
  "access",
  "licence",
  "license",
  "author",
  "description",
  "token",
  "openapi",
  "operations",
] as const;

/** @throws Problem for an option that does not exist, one without its value, and options that do not go together */
export function readCommandLine(argv: readonly string[]): CommandLine {
  const { values, positionals } = parsed(argv);
  const [directory, second] = positionals;
  if (second !== undefined)
    throw new Problem(`One directory is expected, and ${asTyped(second)} is a second. --help lists the options.`);
  if (directory === "") throw new Problem("The directory is empty: say where the new server goes.");
  if (values.apply && !values.upgrade) throw new Problem("--apply belongs to --upgrade.");
  const useless = values.upgrade ? OF_A_NEW_ONE.find((name) => values[name] !== undefined) : undefined;
  if (useless !== undefined) throw new Problem(`--upgrade keeps what the project was made of: leave out --${useless}.`);
  if (values.operations !== undefined && values.openapi === undefined)
    throw new Problem("--operations names operations of --openapi FILE, which is missing.");
  const { license, operations, ...rest } = values;
  return {
    ...rest,
    directory,
    licence: values.licence ?? license,
    operations: operations
      ?.split(",")
      .map((one) => one.trim())
      .filter((one) => one !== ""),
  };
}

function parsed(argv: readonly string[]) {
  // npm takes "--" away, other package managers leave it; and no directory begins with a hyphen.
  const args = argv.filter((arg) => arg !== "--");
  try {
    return parseArgs({ args, allowPositionals: true, options: OPTIONS });
  } catch (error) {
    throw new Problem(`${explained((error as Error).message)} --help lists the options.`);
  }
}

// Node's text says which option; what it adds after the first sentence is about its own interface.
function explained(message: string): string {
  const [first = ""] = message.split(/\.(?:\s|$)/);
  const [, unknown] = /^Unknown option '(.*?)'/s.exec(first) ?? [];
  if (unknown !== undefined) {
    const near = nearest(unknown.replace(/^-+/, ""), Object.keys(OPTIONS));
    return `There is no option ${asTyped(unknown)}${near === undefined ? "." : `; did you mean --${near}?`}`;
  }
  const [, without] = /^Option '(--\w+).*' argument (?:missing|is ambiguous)$/.exec(first) ?? [];
  return without === undefined ? `${first}.` : `${without} wants a value after it.`;
}
