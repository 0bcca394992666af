import { nearest } from "@mooring/core";
import { asTyped } from "../as-typed.ts";
import { type Kind, kinds, type Level, levels, type Licence, licences } from "../kinds.ts";
import type { Place } from "../place.ts";
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
  /** What it is, in one line; the template's words where it is not said. */
  readonly description?: string | undefined;
  /** The variable of an API's token; the server's name and _TOKEN where it is not said. */
  readonly token?: string | undefined;
}

/** Longer ones would not stand on one line of the template's code. */
const LONGEST_VARIABLE = 46;

/** Asks a person; what `read` refuses with a Problem is asked again. */
export interface Questions {
  text<T>(question: string, standard: string, read: (answer: string) => T): Promise<T>;
  choice<T extends string>(question: string, choices: Readonly<Record<T, string>>, standard: T): Promise<T>;
}

/**
 * Where the server goes, and all that was decided; what the command line says is never asked.
 * @param questions `undefined` where nobody can be asked
 * @throws Problem before the first question for all that the command line has wrong: nobody wants to answer five and hear of
 * an option then
 */
export async function answersOf(
  line: CommandLine,
  { questions, place }: { readonly questions: Questions | undefined; readonly place: Place },
): Promise<{ readonly answers: Answers; readonly directory: string }> {
  const kind = chosen("--kind", line.kind, kinds);
  const access = chosen("--access", line.access, levels);
  const licence = chosen("--licence", line.licence, licences);
  const { author = "", description, token } = line;
  if (/\p{C}/u.test(author)) throw new Problem(`--author ${asTyped(author)}: expected a name in one line.`);
  if (
    description !== undefined &&
    (description.trim() === "" || description.length > 200 || /\p{C}/u.test(description))
  )
    throw new Problem(`--description ${asTyped(description)}: expected one line of at most 200 characters.`);
  if (token !== undefined && (!/^[A-Z][A-Z0-9_]*$/.test(token) || token.length > LONGEST_VARIABLE))
    throw new Problem(
      `--token ${asTyped(token)}: expected the name of a variable such as GITHUB_TOKEN, at most ${LONGEST_VARIABLE} characters.`,
    );
  if (token !== undefined && kind !== undefined && kind !== "http-api")
    throw new Problem("--token is for --kind http-api.");
  if (line.openapi !== undefined && kind !== undefined && kind !== "http-api")
    throw new Problem("--openapi is for --kind http-api.");
  const settle = (name: string) => {
    const names = namesOf(place.packageOf(name));
    return { names, directory: place.directoryOf(names) };
  };
  const given = line.name ?? place.name;
  if (given === undefined && !questions)
    throw new Problem("Say where the new server goes: npm create @mooring/server weather.");
  const settled = given === undefined ? undefined : settle(given);
  // Without questions there is a name: that was refused above.
  const { names, directory } =
    settled ?? (await (questions as Questions).text("Name of the package", "my-server", settle));
  // What --openapi describes is an API, and its operations say how far they go.
  const asked = line.openapi === undefined ? questions : undefined;
  const isApi = line.openapi !== undefined || token !== undefined;
  return {
    directory,
    answers: {
      names,
      kind: kind ?? (isApi ? undefined : await asked?.choice("What does it wrap?", kinds, "http-api")) ?? "http-api",
      access: access ?? (await asked?.choice("How far may its tools go?", levels, "full")) ?? "full",
      licence: licence ?? (await questions?.choice("Licence", licences, "MIT")) ?? "MIT",
      author,
      ...(description !== undefined && { description }),
      ...(token !== undefined && { token }),
    },
  };
}

function chosen<T extends string>(flag: string, value: string | undefined, choices: Readonly<Record<T, string>>) {
  if (value === undefined) return undefined;
  const names = Object.keys(choices) as T[];
  const found = names.find((name) => name.toLowerCase() === value.toLowerCase());
  if (found !== undefined) return found;
  const near = nearest(value, names);
  throw new Problem(
    `${flag} ${asTyped(value)}: expected ${names.join(", ")}${near === undefined ? "." : `; did you mean ${near}?`}`,
  );
}
