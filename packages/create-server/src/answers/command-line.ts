import { parseArgs } from "node:util";
import { Problem } from "../problem.ts";

/** What the command line says; what it leaves open is asked, or has a default. */
export interface CommandLine {
  readonly directory?: string | undefined;
  readonly name?: string | undefined;
  readonly kind?: string | undefined;
  readonly access?: string | undefined;
  readonly licence?: string | undefined;
  readonly author?: string | undefined;
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
  --openapi FILE                  a description of the API (JSON or YAML): its operations become the tools
  --operations a,b                which ones; without it they are listed
  --yes                           ask nothing: what is not said has its default
  --upgrade                       in a project made by this: show what the template has changed since
  --apply                         with --upgrade: make these changes
  --version  --help
`;

/** @throws Problem for an option that does not exist, or one without its value */
export function readCommandLine(argv: readonly string[]): CommandLine {
  const text = { type: "string" } as const;
  const flag = { type: "boolean", default: false } as const;
  try {
    const { values, positionals } = parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: {
        name: text,
        kind: text,
        access: text,
        licence: text,
        license: text,
        author: text,
        openapi: text,
        operations: text,
        upgrade: flag,
        apply: flag,
        yes: { ...flag, short: "y" },
        help: { ...flag, short: "h" },
        version: flag,
      },
    });
    const [directory, ...more] = positionals;
    if (more.length > 0) throw new Problem(`One directory is expected, and ${JSON.stringify(more[0])} is a second.`);
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
  } catch (error) {
    if (error instanceof Problem) throw error;
    // Node's text says which option; what it adds after the first sentence is about its own interface.
    const [first = ""] = (error as Error).message.split(". ");
    throw new Problem(`${first.replace(/\.$/, "")}. --help lists the options.`);
  }
}
