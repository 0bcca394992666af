import { CompareError } from "./compare-error.ts";
import { isMembers, type Members, membersOf } from "./json.ts";

/** Where a server's tests keep what it promises: a file for each tool, and one for the rest. */
export const SURFACE_FOLDER = "test/__surface__";
/** No tool's name has a dot. */
export const SERVER_FILE = "server.surface.json";

/** What a server promises, as its snapshots say it. */
export interface Surface {
  /** What `tools/list` says, by name. */
  readonly tools: ReadonlyMap<string, Members>;
  /** What `serverSurface` says; `undefined` where no such file was written. */
  readonly server: Members | undefined;
}

/**
 * Reads the snapshots of one state.
 * @param files text by file name
 * @param place where they are, for a person: a folder, or a release
 * @throws CompareError for a file that is no snapshot
 */
export function readSurface(files: ReadonlyMap<string, string>, place: string): Surface {
  const tools = new Map<string, Members>();
  for (const [file, text] of files) {
    if (file === SERVER_FILE) continue;
    const tool = parse(text, file, place);
    const { name } = tool;
    if (typeof name !== "string") throw new CompareError(`${file} in ${place} is no tool's: it has no "name".`);
    tools.set(name, tool);
  }
  const server = files.get(SERVER_FILE);
  return { tools, server: server === undefined ? undefined : parse(server, SERVER_FILE, place) };
}

function parse(text: string, file: string, place: string): Members {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // said below, as for any other text that is no object
  }
  if (!isMembers(value))
    throw new CompareError(`${file} in ${place} is no JSON object: rewrite it by running the tests with -u.`);
  return value;
}

/** Old name → new one, of one kind of a server's aliases. */
export function aliasesOf(server: Members | undefined, kind: "tools" | "selection"): Readonly<Record<string, string>> {
  return texts(membersOf(membersOf(server, "aliases"), kind));
}

/** Old argument → new one, of one tool. */
export function argumentAliasesOf(server: Members | undefined, tool: string): Readonly<Record<string, string>> {
  return texts(membersOf(membersOf(membersOf(server, "aliases"), "arguments"), tool));
}

/** What a tool is called now: its name, or the one that an alias gives; `undefined` when neither is there. */
export function successorOf(tool: string, { tools, server }: Surface): string | undefined {
  if (tools.has(tool)) return tool;
  const aliases = aliasesOf(server, "tools");
  const current = Object.hasOwn(aliases, tool) ? aliases[tool] : undefined;
  return current !== undefined && tools.has(current) ? current : undefined;
}

function texts(members: Members): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(members).filter((entry): entry is [string, string] => typeof entry[1] === "string"),
  );
}
