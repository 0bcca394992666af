import {
  assignments,
  contextFormats,
  runEnd,
  SHORTEST_RUN,
  type TokenFormat,
  tokenFormats,
  WORD,
} from "./secret-patterns.ts";

/** A secret in a text, `end` exclusive. */
export interface SecretSpan {
  readonly start: number;
  readonly end: number;
  readonly kind: string;
}

/** Known formats in `text`, in order, without overlaps. Time is linear in its length. */
export function findSecrets(text: string): SecretSpan[] {
  const spans: SecretSpan[] = [];
  findTokens(text, spans);
  findByContext(text, spans);
  return merge(spans);
}

/** {@link findSecrets} and `password=…` assignments: right for records, too eager for results. */
export function findSecretsInRecord(text: string): SecretSpan[] {
  const spans: SecretSpan[] = [];
  findTokens(text, spans);
  // Most of what is recorded are names and ids: nothing but a token fits into one.
  if (NAME.test(text)) return merge(spans);
  findByContext(text, spans);
  findAssignments(text, spans);
  return merge(spans);
}

const NAME = /^[\w/@-]{0,80}$/;

const formatOf = new Map(tokenFormats.flatMap((format) => format.prefixes.map((prefix) => [prefix, format] as const)));
// longest first: "sk-ant-" before "sk-"
const prefixes = [...formatOf.keys()].sort((a, b) => b.length - a.length);
const longestPrefix = (prefixes[0] as string).length;
const PREFIX = new RegExp(prefixes.map((prefix) => prefix.replaceAll(".", "\\.")).join("|"), "g");

// A token has a long run of word characters, ordinary text has few: looking at every 20th character finds each of them.
function findTokens(text: string, spans: SecretSpan[]): void {
  let done = 0;
  const readTo: ReadTo = new Map();
  for (let i = SHORTEST_RUN - 1; i < text.length; i += SHORTEST_RUN) {
    if (!WORD[text.charCodeAt(i)]) continue;
    let start = i;
    while (start > done && WORD[text.charCodeAt(start - 1)]) start--;
    const end = runEnd(text, i + 1, WORD);
    if (end - start < SHORTEST_RUN) continue;
    // Without a joint a token can only stand at the start, behind the end of an escape such as \u0022.
    const run = text.slice(start, end);
    const to = run.includes("_") || run.includes("-") ? end : Math.min(end, start + longestPrefix);
    findInRun(text, Math.max(done, start - longestPrefix), to, readTo, spans);
    done = end;
    i = end - 1;
  }
}

/** How far each format was read: "sk-sk-sk-…" and "ghs_x.ghs_x.…" are read once, not once a prefix. */
type ReadTo = Map<TokenFormat, number>;

function findInRun(text: string, from: number, to: number, readTo: ReadTo, spans: SecretSpan[]): void {
  const run = text.slice(from, to);
  PREFIX.lastIndex = 0;
  for (let match = PREFIX.exec(run); match; match = PREFIX.exec(run)) {
    const start = from + match.index;
    const format = formatOf.get(match[0]) as TokenFormat;
    if (start < (readTo.get(format) ?? 0)) continue;
    if (format.startsWord && !startsWord(text, start)) continue;
    const body = start + match[0].length;
    const end = tokenEnd(text, body, format);
    if (end > 0) spans.push({ start, end, kind: format.kind });
    // What was read holds no other token of the format. With `max` it was not read to its end.
    if (!format.max) readTo.set(format, Math.max(end, runEnd(text, body, format.body)));
  }
}

/** Index after the token whose body starts at `from`; 0 when it is none. */
function tokenEnd(text: string, from: number, { body, min, max, digit }: TokenFormat): number {
  let end = runEnd(text, from, body, max && from + max + 1);
  if (max && end - from > max) return 0;
  while (end > from && (text.charCodeAt(end - 1) === 46 || text.charCodeAt(end - 1) === 45)) end--;
  if (end - from < min) return 0;
  return digit && !/\d/.test(text.slice(from, end)) ? 0 : end;
}

const ESCAPE = /(?:\\[bfnrt]|\\u[0-9a-f]{4}|\\x[0-9a-f]{2}|%[0-9a-f]{2})$/i;

/** No letter or digit stands before `at`, other than the end of an escape such as `\n` or `%3D`. */
function startsWord(text: string, at: number): boolean {
  const before = text.charCodeAt(at - 1);
  const alphanumeric = (before >= 48 && before <= 57) || ((before | 32) >= 97 && (before | 32) <= 122);
  return !alphanumeric || ESCAPE.test(text.slice(Math.max(0, at - 6), at));
}

function findByContext(text: string, spans: SecretSpan[]): void {
  for (const { kind, anchor, find } of contextFormats) {
    for (let at = text.indexOf(anchor); at >= 0;) {
      const found = find(text, at);
      if ("end" in found) spans.push({ start: found.start, end: found.end, kind });
      at = text.indexOf(anchor, Math.max(at + 1, "end" in found ? found.end : found.none));
    }
  }
}

function findAssignments(text: string, spans: SecretSpan[]): void {
  for (const { kind, pattern } of assignments) {
    for (const match of text.matchAll(pattern)) {
      const end = match.index + match[0].length;
      spans.push({ start: end - (match[1] as string).length, end, kind });
    }
  }
}

/** In order; what overlaps becomes one, named after the one that starts first and was found first. */
function merge(spans: SecretSpan[]): SecretSpan[] {
  if (spans.length < 2) return spans;
  const merged: SecretSpan[] = [];
  for (const span of spans.sort((a, b) => a.start - b.start)) {
    const last = merged.at(-1);
    if (last && span.start < last.end) {
      if (span.end > last.end) merged[merged.length - 1] = { ...last, end: span.end };
    } else merged.push(span);
  }
  return merged;
}
