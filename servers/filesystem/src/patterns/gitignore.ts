import { compileName, compilePath, literalName, type NameTest, type PathTest } from "./wildcard.ts";

/** The rules of one .gitignore (or info/exclude) file, compiled. */
interface IgnoreRules {
  /** What the last matching rule says of a path below the file's directory; `undefined` when none matches. */
  decide(names: readonly string[], isDirectory: boolean): "ignored" | "kept" | undefined;
}

/** Bytes of rules a directory may bring; what stands behind them does not count, since every rule costs time at every name. */
export const mostRules = 131_072;

interface Rule {
  readonly kept: boolean;
  readonly directoriesOnly: boolean;
  readonly name?: NameTest;
  readonly path?: PathTest;
}

/**
 * Compiles the text of a .gitignore as git reads it (gitignore(5), dir.c): comments, negation, anchoring,
 * directory rules, escaped trailing spaces, CRLF and BOM. `undefined` when it holds no rule.
 */
function parseIgnore(text: string): IgnoreRules | undefined {
  const rules: Rule[] = [];
  // Plain names and `*.ext` are most of a long file: found by lookup, by position so that the last rule still wins.
  const byName = new Map<string, number[]>();
  const byExtension = new Map<string, number[]>();
  const others: number[] = [];
  for (const line of text.replace(/^\uFEFF/, "").split("\n")) {
    const parsed = parseRule(line);
    if (parsed === undefined) continue;
    const at = rules.push(parsed.rule) - 1;
    if (parsed.literal !== undefined) addTo(byName, parsed.literal, at);
    else if (parsed.extension !== undefined) addTo(byExtension, parsed.extension, at);
    else others.push(at);
  }
  if (rules.length === 0) return undefined;
  return {
    decide(names, isDirectory) {
      const name = names.at(-1) ?? "";
      let last = -1;
      const consider = (at: number) => {
        if (at > last && (isDirectory || rules[at]?.directoriesOnly === false)) last = at;
      };
      byName.get(name)?.forEach(consider);
      if (byExtension.size > 0) byExtension.get(name.slice(Math.max(0, name.lastIndexOf("."))))?.forEach(consider);
      for (let i = others.length - 1; i >= 0; i--) {
        const at = others[i] ?? -1;
        const rule = rules[at];
        if (at < last || rule === undefined) break;
        if (rule.directoriesOnly && !isDirectory) continue;
        if (rule.name ? rule.name(name) : rule.path?.(names)) {
          last = at;
          break;
        }
      }
      const rule = rules[last];
      if (rule === undefined) return undefined;
      return rule.kept ? "kept" : "ignored";
    },
  };
}

function addTo(map: Map<string, number[]>, key: string, at: number): void {
  const same = map.get(key);
  if (same) same.push(at);
  else map.set(key, [at]);
}

interface Parsed {
  readonly rule: Rule;
  /** The one name it matches. */
  readonly literal?: string | undefined;
  /** `.ext`, when it matches every name that ends so. */
  readonly extension?: string | undefined;
}

function parseRule(line: string): Parsed | undefined {
  let pattern = trimTrailingSpaces(line.endsWith("\r") ? line.slice(0, -1) : line);
  if (pattern === "" || pattern.startsWith("#")) return undefined;
  const kept = pattern.startsWith("!");
  if (kept) pattern = pattern.slice(1);
  const directoriesOnly = pattern.endsWith("/");
  if (directoriesOnly) pattern = pattern.slice(0, -1);
  const anchored = pattern.includes("/");
  if (pattern.startsWith("/")) pattern = pattern.slice(1);
  if (pattern === "") return undefined;
  const flags = { kept, directoriesOnly };
  if (anchored) return { rule: { ...flags, path: compilePath(pattern, "git") } };
  const ending = pattern.startsWith("*.") ? literalName(pattern.slice(1), "git") : undefined;
  return {
    rule: { ...flags, name: compileName(pattern, "git") },
    literal: literalName(pattern, "git"),
    extension: ending?.lastIndexOf(".") === 0 ? ending : undefined,
  };
}

// Spaces at the end count only behind a backslash.
function trimTrailingSpaces(line: string): string {
  let end = line.length;
  while (end > 0 && line[end - 1] === " ") end--;
  if (end === line.length) return line;
  let backslashes = 0;
  while (line[end - 1 - backslashes] === "\\") backslashes++;
  return line.slice(0, backslashes % 2 === 1 ? end + 1 : end);
}

/** What a directory itself brings to the rules, as text. */
export interface OwnRules {
  /** Text of its .gitignore. */
  readonly gitignore?: string | undefined;
  /** It holds an entry named `.git`: rules from above end here, as they do for git. */
  readonly repository?: boolean | undefined;
  /** Text of its .git/info/exclude. */
  readonly exclude?: string | undefined;
}

/** The ignore rules in force for the entries of one directory; immutable, made while descending. */
export interface IgnoreScope {
  /** Whether an entry of this directory is ignored. `.git` itself always is. */
  ignores(name: string, isDirectory: boolean): boolean;
  /** The scope inside the subdirectory `name`. */
  enter(name: string, own?: OwnRules): IgnoreScope;
}

interface Level {
  readonly rules: IgnoreRules;
  /** Names from the directory of the rules down to this one. */
  readonly below: readonly string[];
}

/** The scope of the directory at which a walk (or the descent to it) starts. */
export function rootScope(own: OwnRules = {}): IgnoreScope {
  return scopeOf(withOwn([], own));
}

function scopeOf(levels: readonly Level[]): IgnoreScope {
  return {
    ignores(name, isDirectory) {
      if (name === ".git") return true;
      for (const { rules, below } of levels) {
        const decision = rules.decide(below.length === 0 ? [name] : [...below, name], isDirectory);
        if (decision !== undefined) return decision === "ignored";
      }
      return false;
    },
    enter(name, own = {}) {
      const inherited = own.repository ? [] : levels.map(({ rules, below }) => ({ rules, below: [...below, name] }));
      return scopeOf(withOwn(inherited, own));
    },
  };
}

// Nearest first; a .gitignore goes before the exclude file of the same directory.
function withOwn(inherited: readonly Level[], own: OwnRules): readonly Level[] {
  const levels: Level[] = [];
  for (const text of [own.gitignore, own.exclude]) {
    const rules = text === undefined ? undefined : parseIgnore(text);
    if (rules) levels.push({ rules, below: [] });
  }
  return levels.length === 0 ? inherited : [...levels, ...inherited];
}
