/** Tests one name (no slash). Time is bounded by name length times pattern length, whatever the pattern. */
export type NameTest = (name: string) => boolean;

/** What an unclosed `[` or a trailing `\` means: `git` matches nothing (wildmatch), `literal` is the character itself. */
export type Dialect = "git" | "literal";

type Token = string | { readonly kind: "any" } | { readonly kind: "star" } | CharClass;
interface CharClass {
  readonly kind: "class";
  readonly negated: boolean;
  readonly ranges: readonly (readonly [from: number, to: number])[];
}

const ANY: Token = { kind: "any" };
const STAR: Token = { kind: "star" };

/**
 * Compiles `*`, `?`, `[...]` and `\x` for one name. Not a regex: names and patterns come from strangers
 * (a cloned repository's .gitignore), and a matcher that retries only the last star cannot be made slow.
 */
export function compileName(pattern: string, dialect: Dialect, ignoreCase = false): NameTest {
  const tokens = tokenize(ignoreCase ? pattern.toLowerCase() : pattern, dialect);
  if (tokens === undefined) return () => false;
  const test = specialise(tokens);
  return ignoreCase ? (name) => test(name.toLowerCase()) : test;
}

/** The exact name a pattern stands for when it has no wildcard, otherwise `undefined`. */
export function literalName(pattern: string, dialect: Dialect): string | undefined {
  const tokens = tokenize(pattern, dialect);
  if (tokens === undefined || tokens.length > 1) return undefined;
  const [only = ""] = tokens;
  return typeof only === "string" ? only : undefined;
}

// The three shapes that nearly every real pattern has.
function specialise(tokens: readonly Token[]): NameTest {
  const [first, second, third] = tokens;
  if (first === undefined) return (name) => name === "";
  if (tokens.length === 1) {
    if (typeof first === "string") return (name) => name === first;
    if (first.kind === "star") return () => true;
  }
  if (tokens.length === 2 && first === STAR && typeof second === "string") return (name) => name.endsWith(second);
  if (tokens.length === 2 && typeof first === "string" && second === STAR) return (name) => name.startsWith(first);
  if (tokens.length === 3 && first === STAR && typeof second === "string" && third === STAR)
    return (name) => name.includes(second);
  return (name) => matches(tokens, name);
}

function matches(tokens: readonly Token[], name: string): boolean {
  let at = 0;
  let token = 0;
  let retryToken = -1;
  let retryAt = 0;
  for (;;) {
    const current = tokens[token];
    if (current === STAR) {
      retryToken = ++token;
      retryAt = at;
      continue;
    }
    if (current === undefined && at === name.length) return true;
    const length = current === undefined ? -1 : consumed(current, name, at);
    if (length >= 0) {
      at += length;
      token++;
      continue;
    }
    if (retryToken < 0 || retryAt >= name.length) return false;
    token = retryToken;
    at = ++retryAt;
  }
}

/** Length of what a token takes of `name` at `at`, or -1. */
function consumed(token: Token, name: string, at: number): number {
  if (typeof token === "string") return name.startsWith(token, at) ? token.length : -1;
  const code = name.codePointAt(at);
  if (code === undefined) return -1;
  const length = code > 0xffff ? 2 : 1;
  if (token.kind !== "class") return length;
  return token.ranges.some(([from, to]) => code >= from && code <= to) === token.negated ? -1 : length;
}

function tokenize(pattern: string, dialect: Dialect): Token[] | undefined {
  const tokens: Token[] = [];
  const literal = (text: string) => {
    const last = tokens.at(-1);
    if (typeof last === "string") tokens[tokens.length - 1] = last + text;
    else tokens.push(text);
  };
  for (let i = 0; i < pattern.length; i++) {
    const char = pattern.charAt(i);
    if (char === "*") {
      if (tokens.at(-1) !== STAR) tokens.push(STAR);
    } else if (char === "?") tokens.push(ANY);
    else if (char === "\\") {
      if (i + 1 < pattern.length) literal(pattern.charAt(++i));
      else if (dialect === "git") return undefined;
      else literal(char);
    } else if (char === "[") {
      const parsed = parseClass(pattern, i);
      if (parsed) {
        tokens.push(parsed.charClass);
        i = parsed.end;
      } else if (dialect === "git") return undefined;
      else literal(char);
    } else literal(char);
  }
  return tokens;
}

const POSIX: Readonly<Record<string, string>> = {
  alnum: "09AZaz",
  alpha: "AZaz",
  blank: "  \t\t",
  cntrl: "\u0000\u001f\u007f\u007f",
  digit: "09",
  graph: "!~",
  lower: "az",
  print: " ~",
  punct: "!/:@[`{~",
  space: "\t\r  ",
  upper: "AZ",
  xdigit: "09AFaf",
};

// As git's wildmatch: `!` or `^` negates, a first `]` is a member, `\` escapes, `[:alpha:]` and ranges.
function parseClass(pattern: string, start: number): { charClass: CharClass; end: number } | undefined {
  const ranges: (readonly [number, number])[] = [];
  let i = start + 1;
  const negated = pattern[i] === "!" || pattern[i] === "^";
  if (negated) i++;
  for (let first = true; ; first = false) {
    if (i >= pattern.length) return undefined;
    if (pattern[i] === "]" && !first) return { charClass: { kind: "class", negated, ranges }, end: i };
    if (pattern.startsWith("[:", i)) {
      const end = pattern.indexOf("]", i + 2);
      if (end < 0) return undefined;
      if (pattern[end - 1] === ":" && end - 1 >= i + 2) {
        const bounds = POSIX[pattern.slice(i + 2, end - 1)];
        if (bounds === undefined) return undefined;
        for (let b = 0; b < bounds.length; b += 2) ranges.push([bounds.charCodeAt(b), bounds.charCodeAt(b + 1)]);
        i = end + 1;
        continue;
      }
    }
    const from = member(pattern, i);
    if (from === undefined) return undefined;
    i = from.next;
    if (pattern[i] === "-" && i + 1 < pattern.length && pattern[i + 1] !== "]") {
      const to = member(pattern, i + 1);
      if (to === undefined) return undefined;
      ranges.push([from.code, to.code]);
      i = to.next;
    } else ranges.push([from.code, from.code]);
  }
}

function member(pattern: string, at: number): { code: number; next: number } | undefined {
  const position = pattern[at] === "\\" ? at + 1 : at;
  const code = pattern.codePointAt(position);
  if (code === undefined) return undefined;
  return { code, next: position + (code > 0xffff ? 2 : 1) };
}

/** Tests a path given as names. `**` stands for any number of names. */
export type PathTest = (names: readonly string[]) => boolean;

/** Compiles a pattern with slashes: names between slashes as {@link compileName}, `**` alone between them any depth. */
export function compilePath(pattern: string, dialect: Dialect, ignoreCase = false): PathTest {
  const segments = splitPath(pattern).map((segment) =>
    /^\*\*+$/.test(segment) ? "**" : compileName(segment, dialect, ignoreCase),
  );
  // A final `**` stands for what is inside, never for the directory itself.
  if (segments.at(-1) === "**") segments.push(() => true);
  return (names) => {
    let at = 0;
    let segment = 0;
    let retrySegment = -1;
    let retryAt = 0;
    for (;;) {
      const current = segments[segment];
      if (current === "**") {
        retrySegment = ++segment;
        retryAt = at;
        continue;
      }
      const name = names[at];
      if (current === undefined && name === undefined) return true;
      if (current !== undefined && name !== undefined && current(name)) {
        at++;
        segment++;
        continue;
      }
      if (retrySegment < 0 || retryAt >= names.length) return false;
      segment = retrySegment;
      at = ++retryAt;
    }
  };
}

/** The names between slashes; a slash inside brackets separates nothing. */
export function splitPath(pattern: string): string[] {
  const segments: string[] = [];
  let start = 0;
  for (let i = 0; i < pattern.length; i++) {
    const char = pattern[i];
    if (char === "[") i = parseClass(pattern, i)?.end ?? i;
    else if (char === "/" || (char === "\\" && pattern[i + 1] === "/")) {
      segments.push(pattern.slice(start, i));
      if (char !== "/") i++;
      start = i + 1;
    } else if (char === "\\") i++;
  }
  segments.push(pattern.slice(start));
  return segments;
}
