import { QueryProblem } from "./problem.ts";

/**
 * How a pattern is searched for.
 * `bytes`: a literal, by its bytes. `linear`: a regex that V8 finishes in linear time, over many lines at once.
 * `timed`: a regex that may backtrack without bound (lookaround, back-references), line by line under a kill timer.
 */
export type Matcher =
  | { readonly kind: "bytes"; readonly needle: Buffer }
  | {
      readonly kind: "linear" | "timed";
      readonly regex: RegExp;
      /** For text with characters beyond U+FFFF, where it differs: there two units are one character. */
      readonly astral?: RegExp;
      readonly needles: readonly Buffer[] | undefined;
    };

const MAX_PATTERN_LENGTH = 2000;

/** Compiles a `pattern` argument. Throws {@link QueryProblem}. Needs {@link enableLinearRegex} to have run in the process. */
export function compilePattern(pattern: string, { regex = false, ignoreCase = false } = {}): Matcher {
  if (pattern === "") throw new QueryProblem("The pattern is empty.", "Leave it out to find names.");
  if (pattern.length > MAX_PATTERN_LENGTH)
    throw new QueryProblem(`The pattern is longer than ${MAX_PATTERN_LENGTH} characters.`, "Search for a part of it.");
  if (regex) return compileRegex(pattern, ignoreCase);
  if (/[\r\n]/.test(pattern))
    throw new QueryProblem(
      "The pattern contains a line break, and the search goes line by line.",
      "Search for one of its lines.",
    );
  const needle = Buffer.from(pattern);
  if (!ignoreCase || !/\p{L}/u.test(pattern)) return { kind: "bytes", needle };
  const source = Array.from(pattern, (character) => emitCharacter(character, true)).join("");
  return { kind: "linear", regex: new RegExp(source, "gm"), needles: undefined };
}

function compileRegex(pattern: string, ignoreCase: boolean): Matcher {
  const parsed = parse(pattern, ignoreCase);
  const needles = parsed.required?.map((text) => Buffer.from(text));
  // Tried only with what the parser understood as one unit each; astral characters are two.
  if (!/[\ud800-\udfff]|\\[pP]\{|\\u\{/.test(pattern)) {
    const { source } = parse(pattern, ignoreCase, true);
    const linear = construct(parsed.source, "gm");
    const astral = construct(source, "gm");
    if (linear instanceof RegExp && astral instanceof RegExp && construct(source, "gml") instanceof RegExp)
      return { kind: "linear", regex: linear, ...(source === parsed.source ? {} : { astral }), needles };
  }
  const flags = parsed.ignoreCase ? "gmi" : "gm";
  const timed = construct(parsed.plain, `${flags}u`);
  if (timed instanceof RegExp) return { kind: "timed", regex: timed, needles };
  const lenient = construct(parsed.plain, flags);
  if (lenient instanceof RegExp) return { kind: "timed", regex: lenient, needles };
  throw new QueryProblem(
    `The regular expression is not valid: ${lenient}.`,
    "JavaScript syntax is used; leave out `regex` to search for the text itself.",
  );
}

function construct(source: string, flags: string): RegExp | string {
  try {
    return new RegExp(source, flags);
  } catch (error) {
    return /: ([^:]*)$/.exec(error instanceof Error ? error.message : "")?.[1] ?? "syntax error";
  }
}

/** One parsed part. */
interface Part {
  /** Rewritten: cannot match a line break, case folded into classes. */
  source: string;
  /** As given. */
  plain: string;
  /** Every match contains one of these; `undefined` when nothing is certain. */
  required: string[] | undefined;
  /** Exactly this character, when it is one. */
  literal?: string;
  zeroWidth?: boolean;
}

type Range = readonly [from: number, to: number];

const DIGIT: Range[] = [[48, 57]];
const WORD: Range[] = [
  [48, 57],
  [65, 90],
  [95, 95],
  [97, 122],
];
const SPACE: Range[] = [
  [9, 13],
  [32, 32],
  [0xa0, 0xa0],
  [0x1680, 0x1680],
  [0x2000, 0x200a],
  [0x2028, 0x2029],
  [0x202f, 0x202f],
  [0x205f, 0x205f],
  [0x3000, 0x3000],
  [0xfeff, 0xfeff],
];
/** What `.` does not match. */
const LINE_ENDS: Range[] = [
  [10, 10],
  [13, 13],
  [0x2028, 0x2029],
];
const LINE_BREAKS: Range[] = [
  [10, 10],
  [13, 13],
];
const CONTROL_ESCAPES: Readonly<Record<string, number>> = { t: 9, n: 10, v: 11, f: 12, r: 13 };

/**
 * Rewrites a JavaScript regex so that it may run over many lines at once and still match within one line, and finds text
 * that every match contains. What is not valid is left for V8 to refuse.
 */
function parse(pattern: string, ignoreCaseGiven: boolean, astral = false): Part & { ignoreCase: boolean } {
  let at = 0;
  let ignoreCase = ignoreCaseGiven;
  const inline = /^\(\?([ims]+)\)/.exec(pattern);
  if (inline) {
    at = inline[0].length;
    if (inline[1]?.includes("i")) ignoreCase = true;
  }
  const global = ignoreCase;

  const eat = (text: string) => {
    if (!pattern.startsWith(text, at)) return false;
    at += text.length;
    return true;
  };

  function disjunction(): Part {
    const alternatives = [alternative()];
    while (eat("|")) alternatives.push(alternative());
    const required = alternatives.flatMap((one) => one.required ?? []);
    return {
      source: alternatives.map((one) => one.source).join("|"),
      plain: alternatives.map((one) => one.plain).join("|"),
      required: alternatives.every((one) => one.required) && required.length <= 8 ? required : undefined,
    };
  }

  function alternative(): Part {
    const whole: Part = { source: "", plain: "", required: undefined };
    let run = "";
    const flush = () => {
      if (run !== "") whole.required = better(whole.required, [run]);
      run = "";
    };
    while (at < pattern.length && pattern[at] !== "|" && pattern[at] !== ")") {
      const part = term();
      whole.source += part.source;
      whole.plain += part.plain;
      if (part.literal !== undefined) run += part.literal;
      else if (!part.zeroWidth) {
        flush();
        whole.required = better(whole.required, part.required);
      }
    }
    flush();
    return whole;
  }

  function term(): Part {
    const atom = parseAtom();
    const start = at;
    const quantifier = /^(?:[*+?]|\{(\d+)(?:,\d*)?\})\??/.exec(pattern.slice(at, at + 24));
    if (!quantifier) return atom;
    at = start + quantifier[0].length;
    const optional = quantifier[0][0] === "*" || quantifier[0][0] === "?" || Number(quantifier[1] ?? 1) === 0;
    const required = atom.literal === undefined ? atom.required : [atom.literal];
    return {
      source: atom.source + quantifier[0],
      plain: atom.plain + quantifier[0],
      required: optional ? undefined : required,
    };
  }

  function parseAtom(): Part {
    const start = at;
    const char = pattern.charAt(at);
    if (char === "(") return group();
    if (char === "[") return charClass();
    if (char === "\\") return escape();
    at++;
    if (char === "^" || char === "$") return { source: char, plain: char, required: undefined, zeroWidth: true };
    // Quantifiers without anything before them are for V8 to refuse.
    if (char === "." && astral) return { source: emitClass(LINE_ENDS, true, astral), plain: char, required: undefined };
    if (char === "." || char === "*" || char === "+" || char === "?")
      return { source: char, plain: char, required: undefined };
    const text = String.fromCodePoint(pattern.codePointAt(start) ?? 0);
    at = start + text.length;
    return character(text, pattern.slice(start, at));
  }

  function character(text: string, plain: string): Part {
    const source = emitCharacter(text, ignoreCase);
    if (ignoreCase && source.startsWith("[")) return { source, plain, required: undefined };
    if (text === "\n" || text === "\r") throw lineBreak();
    return { source, plain, required: undefined, literal: text };
  }

  function group(): Part {
    const before = ignoreCase;
    let opener = "(";
    let plainOpener = "(";
    let lookaround = false;
    const modifiers = /^\(\?([ims]*)(?:-([ims]*))?:/.exec(pattern.slice(at, at + 12));
    const named = /^\(\?P?<([\p{ID_Start}$_][\p{ID_Continue}$]*)>/u.exec(pattern.slice(at));
    const look = /^\(\?<?[=!]/.exec(pattern.slice(at, at + 4));
    if (modifiers) {
      at += modifiers[0].length;
      if (modifiers[1]?.includes("i")) ignoreCase = true;
      if (modifiers[2]?.includes("i")) ignoreCase = false;
      opener = "(?:";
      plainOpener = modifiers[0];
    } else if (look) {
      at += look[0].length;
      opener = plainOpener = look[0];
      lookaround = true;
    } else if (named) {
      at += named[0].length;
      opener = plainOpener = `(?<${named[1]}>`;
    } else if (/^\(\?[ims]/.test(pattern.slice(at))) {
      throw new QueryProblem(
        "Flags such as (?i) can stand only at the start of the pattern.",
        "Use `ignore_case`, or (?i:...).",
      );
    } else at++;
    const inner = disjunction();
    const closed = eat(")") ? ")" : "";
    ignoreCase = before;
    const part: Part = {
      source: opener + inner.source + closed,
      plain: plainOpener + inner.plain + closed,
      required: lookaround ? undefined : inner.required,
    };
    return lookaround ? { ...part, zeroWidth: true } : part;
  }

  function escape(): Part {
    const rest = pattern.slice(at, at + 12);
    const boundary = /^\\[bB]/.exec(rest);
    // Back-references, properties and code points beyond one unit: only V8 knows, and only without the linear engine.
    const opaque = boundary ?? /^\\(?:[1-9]|k|[pP]\{|u\{)/.exec(rest);
    if (opaque) {
      at += opaque[0].length;
      const part: Part = { source: opaque[0], plain: opaque[0], required: undefined };
      return boundary ? { ...part, zeroWidth: true } : part;
    }
    const start = at;
    const item = classItem();
    const plain = pattern.slice(start, at);
    if (typeof item === "number") return character(String.fromCharCode(item), plain);
    const ranges = without(item, LINE_BREAKS);
    // As the complement, so that it is plain which sets hold characters beyond U+FFFF.
    const source = item.at(-1)?.[1] === 0xffff ? emitClass(complement(ranges), true, astral) : emitClass(ranges, false);
    return { source, plain, required: undefined };
  }

  // One member: a code unit, or the set that an escape stands for.
  function classItem(): number | Range[] {
    const code = pattern.charCodeAt(at++);
    if (code !== 92) return code;
    const char = pattern.charAt(at++);
    const hex = /^(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4}))/.exec(pattern.slice(at - 1, at + 4));
    if (hex) {
      at += hex[0].length - 1;
      return parseInt(hex[1] ?? hex[2] ?? "", 16);
    }
    switch (char) {
      case "d":
        return DIGIT;
      case "D":
        return complement(DIGIT);
      case "w":
        return WORD;
      case "W":
        return complement(WORD);
      case "s":
        return SPACE;
      case "S":
        return complement(SPACE);
      case "0":
        return 0;
      case "b":
        return 8;
      case "":
        throw new QueryProblem(
          "The regular expression is not valid: \\ at end of pattern.",
          "Write \\\\ for a backslash.",
        );
      default: {
        const control = CONTROL_ESCAPES[char];
        if (control !== undefined) return control;
        // JavaScript would take these for the letter itself; other dialects mean something by them.
        if (/[A-Za-z1-9]/.test(char))
          throw new QueryProblem(
            `The escape \\${char} is not supported.`,
            "JavaScript syntax is used: ^ and $ for the ends of a line.",
          );
        return char.charCodeAt(0);
      }
    }
  }

  function charClass(): Part {
    const start = at;
    at++;
    const negated = eat("^");
    const ranges: Range[] = [];
    while (at < pattern.length && pattern[at] !== "]") {
      if (/^\[:\^?[a-z]+:\]/.test(pattern.slice(at, at + 16)))
        throw new QueryProblem("Classes such as [:alpha:] are not supported.", "Use a-z, \\d, \\w or \\s.");
      // Inside `u` syntax; the rewritten source is not used then.
      const property = /^\\(?:[pP]\{[^}]*\}|u\{[0-9a-fA-F]+\})/.exec(pattern.slice(at));
      if (property) {
        at += property[0].length;
        continue;
      }
      const from = classItem();
      if (typeof from === "number" && pattern[at] === "-" && at + 1 < pattern.length && pattern[at + 1] !== "]") {
        const back = at;
        at++;
        const to = classItem();
        if (typeof to === "number") {
          if (to < from)
            throw new QueryProblem(
              "The regular expression is not valid: a range in [...] is out of order.",
              "Write the lower end first.",
            );
          ranges.push([from, to]);
          continue;
        }
        at = back;
      }
      if (typeof from === "number") ranges.push([from, from]);
      else ranges.push(...from);
    }
    const closed = eat("]");
    const plain = pattern.slice(start, at);
    if (!closed) return { source: plain, plain, required: undefined };
    return { source: emitClass(ignoreCase ? folded(ranges) : ranges, negated, astral), plain, required: undefined };
  }

  const whole = disjunction();
  // A `)` too many: as given, for V8 to say so.
  if (at < pattern.length) return { source: pattern, plain: pattern, required: undefined, ignoreCase };
  return { ...whole, ignoreCase: global };
}

function lineBreak(): QueryProblem {
  return new QueryProblem(
    "The pattern matches a line break, and the search goes line by line.",
    "Search for one of the lines.",
  );
}

// Longer is rarer; among equals fewer.
function better(one: string[] | undefined, other: string[] | undefined): string[] | undefined {
  if (!one || !other) return one ?? other;
  const shortest = (needles: string[]) => Math.min(...needles.map((needle) => needle.length));
  const difference = shortest(other) - shortest(one);
  return difference > 0 || (difference === 0 && other.length < one.length) ? other : one;
}

function complement(ranges: readonly Range[]): Range[] {
  const gaps: Range[] = [];
  let next = 0;
  for (const [from, to] of ranges) {
    if (from > next) gaps.push([next, from - 1]);
    next = to + 1;
  }
  if (next <= 0xffff) gaps.push([next, 0xffff]);
  return gaps;
}

function without(ranges: readonly Range[], removed: readonly Range[]): Range[] {
  return removed.reduce<Range[]>(
    (left, [from, to]) =>
      left.flatMap(([a, b]): Range[] => {
        if (to < a || from > b) return [[a, b]];
        return [...(a < from ? [[a, from - 1] as const] : []), ...(b > to ? [[to + 1, b] as const] : [])];
      }),
    [...ranges],
  );
}

// Beyond this a range holds so much that its other cases are in it, or nobody meant them.
const FOLDED_RANGE = 2048;

function folded(ranges: readonly Range[]): Range[] {
  const all: Range[] = [...ranges];
  for (const [from, to] of ranges)
    if (to - from <= FOLDED_RANGE)
      for (let code = from; code <= to; code++)
        for (const variant of cases(String.fromCharCode(code))) {
          const other = variant.charCodeAt(0);
          if (other < from || other > to) all.push([other, other]);
        }
  return all;
}

function cases(char: string): string[] {
  return [char.toLowerCase(), char.toUpperCase()].filter((variant) => variant.length === char.length);
}

function emitClass(ranges: readonly Range[], negated: boolean, astral = false): string {
  if (!negated) {
    // A set that reaches to the end, such as \S, means the characters beyond as well.
    if (astral && ranges.some(([, to]) => to === 0xffff))
      return `(?:${PAIR}|[${members(without(ranges, [...LINE_BREAKS, SURROGATES]))}])`;
    return `[${members(without(ranges, LINE_BREAKS))}]`;
  }
  if (!astral) return `[^${members([...ranges, ...LINE_BREAKS])}]`;
  return `(?:${PAIR}|[^${members([...ranges, ...LINE_BREAKS, SURROGATES])}])`;
}

const SURROGATES: Range = [0xd800, 0xdfff];
const PAIR = "[\\ud800-\\udbff][\\udc00-\\udfff]";

function members(ranges: readonly Range[]): string {
  return ranges.map(([from, to]) => (from === to ? unit(from) : `${unit(from)}-${unit(to)}`)).join("");
}

function emitCharacter(char: string, ignoreCase: boolean): string {
  const variants = ignoreCase ? new Set([char, ...cases(char)]) : new Set([char]);
  if (variants.size > 1 && char.length === 1)
    return `[${[...variants].map((one) => unit(one.charCodeAt(0))).join("")}]`;
  if (variants.size > 1) return `(?:${[...variants].join("|")})`;
  return Array.from({ length: char.length }, (_, i) => unit(char.charCodeAt(i))).join("");
}

function unit(code: number): string {
  const char = String.fromCharCode(code);
  if (/[A-Za-z0-9_]/.test(char)) return char;
  return code < 0x80 && code >= 0x20 && code !== 0x7f && !/\s/.test(char)
    ? `\\${char}`
    : `\\u${code.toString(16).padStart(4, "0")}`;
}
