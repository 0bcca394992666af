import { QueryProblem } from "./problem.ts";
import { compileName, compilePath, type NameTest, type PathTest, splitPath } from "../patterns/wildcard.ts";

/** A compiled `glob` argument. Paths are names from the searched directory down. */
export interface Glob {
  matches(names: readonly string[], isDirectory: boolean): boolean;
  /** Whether anything below this directory can match; false lets a walk leave it out. */
  mayContain(names: readonly string[]): boolean;
}

const MAX_GLOB_LENGTH = 1024;
const MAX_ALTERNATIVES = 256;

/**
 * Compiles `*`, `?`, `[...]`, `**` and `{a,b}`. Without a slash it is matched against the name at any depth, with one
 * against the path from the searched directory; a final slash means directories. Throws {@link QueryProblem}.
 */
export function compileGlob(glob: string, { ignoreCase = false } = {}): Glob {
  if (glob.length > MAX_GLOB_LENGTH)
    throw new QueryProblem(`The glob is longer than ${MAX_GLOB_LENGTH} characters.`, "Use a shorter one, or `path`.");
  if (glob === "") throw new QueryProblem("The glob is empty.", "Leave it out to match every name.");
  if (glob.includes("\0"))
    throw new QueryProblem("The glob contains a NUL character.", "No file has such a name: leave it out.");
  const alternatives = expandBraces(glob).map((pattern) => compileAlternative(pattern, ignoreCase));
  const [only] = alternatives;
  if (alternatives.length === 1 && only) return only;
  return {
    matches: (names, isDirectory) => alternatives.some((one) => one.matches(names, isDirectory)),
    mayContain: (names) => alternatives.some((one) => one.mayContain(names)),
  };
}

function compileAlternative(pattern: string, ignoreCase: boolean): Glob {
  let segments = splitPath(pattern);
  const directoriesOnly = segments.length > 1 && segments.at(-1) === "";
  const anchored = segments.length > (directoriesOnly ? 2 : 1);
  segments = segments.filter((segment) => segment !== "" && segment !== ".");
  if (segments.includes(".."))
    throw new QueryProblem("A glob cannot contain `..`.", "Search the parent directory through `path` instead.");
  if (segments.length === 0) return { matches: () => false, mayContain: () => false };
  const last = segments.at(-1) ?? "";
  if (!anchored || (segments.length === 2 && segments[0] === "**" && last !== "**")) {
    const test = last === "**" ? () => true : compileName(last, "literal", ignoreCase);
    return {
      matches: (names, isDirectory) => (isDirectory || !directoriesOnly) && test(names[names.length - 1] ?? ""),
      mayContain: () => true,
    };
  }
  const path: PathTest = compilePath(segments.join("/"), "literal", ignoreCase);
  const leading: NameTest[] = [];
  for (const segment of segments) {
    if (segment === "**") break;
    leading.push(compileName(segment, "literal", ignoreCase));
  }
  const deep = leading.length < segments.length;
  return {
    matches: (names, isDirectory) => (isDirectory || !directoriesOnly) && path(names),
    mayContain: (names) =>
      (deep || names.length < leading.length) && leading.every((test, i) => i >= names.length || test(names[i] ?? "")),
  };
}

// Outermost first; braces without a comma, or unclosed, are characters.
function expandBraces(glob: string): string[] {
  const done: string[] = [];
  const open = [glob];
  for (let pattern = open.pop(); pattern !== undefined; pattern = open.pop()) {
    const group = firstGroup(pattern);
    if (group) {
      const { before, choices, after } = group;
      for (const choice of choices.toReversed()) open.push(before + choice + after);
    } else done.push(pattern);
    if (done.length + open.length > MAX_ALTERNATIVES)
      throw new QueryProblem(
        `The glob's braces stand for more than ${MAX_ALTERNATIVES} patterns.`,
        "Search in several calls.",
      );
  }
  return done;
}

function firstGroup(pattern: string): { before: string; choices: string[]; after: string } | undefined {
  for (let start = 0; start < pattern.length; start++) {
    if (pattern[start] === "\\") start++;
    else if (pattern[start] === "{") {
      const choices: string[] = [];
      let depth = 0;
      let from = start + 1;
      for (let i = start; i < pattern.length; i++) {
        const char = pattern[i];
        if (char === "\\") i++;
        else if (char === "{") depth++;
        else if (char === "," && depth === 1) {
          choices.push(pattern.slice(from, i));
          from = i + 1;
        } else if (char === "}" && --depth === 0) {
          choices.push(pattern.slice(from, i));
          if (choices.length > 1) return { before: pattern.slice(0, start), choices, after: pattern.slice(i + 1) };
          break;
        }
      }
    }
  }
  return undefined;
}
