import { basename, resolve } from "node:path";
import { nearest } from "@mooring/core";
import { type Kind, kinds, type Level, levels, type Licence, licences } from "../kinds.ts";
import { Problem } from "../problem.ts";
import type { CommandLine } from "./command-line.ts";
import { type Names, namesOf } from "./names.ts";

/** Everything that decides what is written. */
export interface Answers {
  readonly names: Names;
  readonly kind: Kind;
  readonly access: Level;
  readonly licence: Licence;
  readonly author: string;
}

/** Asks a person; `undefined` where nobody can be asked. */
export interface Questions {
  text(question: string, standard: string, check: (answer: string) => void): Promise<string>;
  choice<T extends string>(question: string, choices: Readonly<Record<T, string>>, standard: T): Promise<T>;
}

/** Where the project goes, and all that was decided; what the command line says is never asked. @throws Problem */
export async function answersOf(
  line: CommandLine,
  { questions, author, scope = "" }: { questions: Questions | undefined; author: string; scope?: string },
): Promise<{ readonly answers: Answers; readonly directory: string }> {
  // Said before the first question: nobody wants to answer five and hear of the first option then.
  const kind = chosen("--kind", line.kind, kinds);
  const access = chosen("--access", line.access, levels);
  const licence = chosen("--licence", line.licence, licences);
  if (line.openapi !== undefined && kind !== undefined && kind !== "http-api")
    throw new Problem("--openapi is for --kind http-api.");
  const given = line.name ?? nameIn(line.directory);
  if (given !== undefined) namesOf(scope + given.replace(scope, ""));
  if (given === undefined && !questions)
    throw new Problem("Say where the new server goes: npm create @mooring/server weather.");
  const name =
    given ?? (await questions?.text("Name of the package", "my-server", (answer) => void namesOf(answer))) ?? "";
  const names = namesOf(scope + name.replace(scope, ""));
  return {
    directory: resolve(line.directory === undefined || line.directory.startsWith("@") ? names.server : line.directory),
    answers: {
      names,
      kind:
        kind ??
        (line.openapi === undefined ? await questions?.choice("What does it wrap?", kinds, "http-api") : undefined) ??
        "http-api",
      access:
        access ??
        (line.openapi === undefined
          ? await questions?.choice("How far may its tools go?", levels, "full")
          : undefined) ??
        "full",
      licence: licence ?? (await questions?.choice("Licence", licences, "MIT")) ?? "MIT",
      author: line.author ?? author,
    },
  };
}

// "@acme/weather" names a package; any other path ends in its name.
function nameIn(directory: string | undefined): string | undefined {
  if (directory === undefined) return undefined;
  return /^@[^/]+\/[^/]+$/.test(directory) ? directory : basename(resolve(directory));
}

function chosen<T extends string>(flag: string, value: string | undefined, choices: Readonly<Record<T, string>>) {
  if (value === undefined) return undefined;
  const names = Object.keys(choices) as T[];
  const found = names.find((name) => name.toLowerCase() === value.toLowerCase());
  if (found !== undefined) return found;
  const near = nearest(value, names);
  throw new Problem(
    `${flag} ${value}: expected ${names.join(", ")}${near === undefined ? "" : `; did you mean ${near}?`}`,
  );
}
