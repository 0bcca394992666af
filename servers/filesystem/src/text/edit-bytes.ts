import { ToolError, untrusted } from "@mooring/core";
import type { Pausing } from "../pausing.ts";
import { decodeFile, isForeignText } from "./decode.ts";
import { type Diff, unifiedDiff } from "./diff.ts";
import { type Draft, draftOf, replaceSpans, type Span } from "./draft.ts";
import { fold, type Folded, foldLike } from "./folding.ts";
import { allMatches, contains, disjointMatches } from "./find.ts";
import { lineCounter, wholeLines } from "./line-spans.ts";
import { cutText, explainNoMatch } from "./no-match.ts";
import { roundTrips, splice } from "./splice.ts";

/** One replacement of exact text. `count`: how often `old` must occur; -1 replaces all. */
export interface Edit {
  readonly old: string;
  readonly new: string;
  readonly count: number;
}

export interface EditedBytes {
  readonly bytes: Buffer;
  readonly diff: Diff;
  /** How many replacements were made. */
  readonly replaced: number;
}

/** Matches that are counted before a refusal says "or more". */
const COUNTED = 1_000;
/** Replacements that one edit may make: each takes memory until all are written. */
const MOST = 200_000;
/** Characters of a text above which others have their turn between two edits. */
const PAUSE = 250_000;
const SHOWN_MATCHES = 5;

/**
 * Applies edits in order, each to the result of those before it. Bytes that no edit touches stay as they are. Pauses between
 * the edits of a long text.
 * `shown` names the file in errors; `diffLength` cuts the diff (characters).
 * @throws {ToolError} `invalid_input` when a file is binary or an edit does not match as often as it says.
 */
export function* editBytes(
  shown: string,
  bytes: Uint8Array,
  edits: readonly Edit[],
  { diffLength, encoding }: { readonly diffLength: number; readonly encoding?: string | undefined },
): Pausing<EditedBytes> {
  const decoded = decodeFile(bytes, encoding);
  if (!decoded)
    throw new ToolError("invalid_input", `${shown} is binary, so its text cannot be edited.`, {
      hint:
        encoding === undefined && isForeignText(bytes.subarray(0, 65_536))
          ? "It may be text in another encoding than UTF-8: the person can name it by starting the server with `--encoding`."
          : 'Replace it as a whole: `write` with mode "replace" and encoding "base64".',
    });
  if (!roundTrips(bytes, decoded))
    throw new ToolError("invalid_input", `${shown} cannot be edited byte-exactly in ${decoded.format.encoding}.`, {
      hint: "Ask the person to convert it to UTF-8.",
    });
  const folded = fold(decoded.text);
  let draft = draftOf(folded);
  let replaced = 0;
  for (const [index, edit] of edits.entries()) {
    if (draft.text.length > PAUSE) yield;
    const spans = place(shown, draft, edit, index, folded);
    draft = replaceSpans(draft, folded, spans, foldLike(edit.new, folded));
    replaced += spans.length;
  }
  if (draft.text.length > PAUSE) yield;
  const result = splice(bytes, decoded, folded, draft);
  if (!result)
    throw new ToolError(
      "invalid_input",
      `${shown} is in ${decoded.format.encoding}, which lacks a character of \`new\`.`,
      {
        hint: "Use other characters, or ask the person to convert the file to UTF-8.",
      },
    );
  return { bytes: result, diff: unifiedDiff(folded, draft, diffLength), replaced };
}

// Where an edit applies; throws unless it matches as often as it says.
function place(shown: string, draft: Draft, edit: Edit, index: number, original: Folded): readonly Span[] {
  const name = `edits[${index}].old`;
  if (edit.old.length === 0)
    throw new ToolError("invalid_input", `${name} is empty.`, {
      hint: "To insert, put the neighbouring text into `old` and repeat it in `new`; to fill an empty file, use `write`.",
    });
  const plain = foldLike(edit.old, original);
  if (plain === foldLike(edit.new, original))
    throw new ToolError("invalid_input", `${name} and \`new\` are the same text, so nothing would change.`, {
      hint: "Newlines match whatever their kind; to change line endings, write the whole file.",
    });
  const old = contains(draft.text, plain) ? plain : realCharacters(plain);
  if (edit.count === -1) {
    const all = disjointMatches(draft.text, old, MOST + 1);
    if (all.length > MOST) throw tooMany(shown, name);
    if (all.length > 0) return all;
    throw noMatch(shown, name, draft, plain, index, original);
  }
  if (edit.count > MOST) throw tooMany(shown, name);
  const found = allMatches(draft.text, old, Math.max(COUNTED, edit.count + 1));
  if (found.length === 0) throw noMatch(shown, name, draft, plain, index, original);
  if (found.length !== edit.count) throw wrongCount(shown, name, draft.text, found, edit.count);
  const overlap = found.findIndex((span, at) => at > 0 && span.start < (found[at - 1] as Span).end);
  if (overlap > 0)
    throw new ToolError(
      "invalid_input",
      `${name} matches ${found.length} times in ${shown}, and the matches overlap.`,
      {
        hint: "Choose `old` so that its matches share no text, or replace from the left with count -1.",
      },
    );
  return found;
}

function tooMany(shown: string, name: string): ToolError {
  return new ToolError(
    "too_large",
    `${name} stands for more than ${MOST.toLocaleString("en")} replacements in ${shown}.`,
    {
      hint: "Choose a longer `old`, or ask the person to change the file with a program.",
    },
  );
}

/** Our own marks of invisible characters (`⟨U+200B⟩`), as the characters that they stand for. */
function realCharacters(text: string): string {
  return text.replace(/⟨U\+([0-9A-F]{4,6})⟩/g, (mark, hex: string) => {
    const code = parseInt(hex, 16);
    return code <= 0x10ffff ? String.fromCodePoint(code) : mark;
  });
}

function noMatch(shown: string, name: string, draft: Draft, old: string, index: number, original: Folded): ToolError {
  if (index > 0 && contains(original.text, old))
    return new ToolError("invalid_input", `${name} matches ${shown} no more after the edits before it.`, {
      hint: "Edits apply in order: match the text as the earlier ones leave it, or join them into one.",
    });
  return new ToolError("invalid_input", `${name} matches nothing in ${shown}. ${explainNoMatch(draft.text, old)}`, {
    hint: "Send `old` exactly as the file has it.",
  });
}

function wrongCount(shown: string, name: string, text: string, found: readonly Span[], count: number): ToolError {
  const times =
    found.length >= COUNTED ? `${COUNTED} times or more` : found.length === 1 ? "once" : `${found.length} times`;
  const lineOf = lineCounter(text);
  const lines = found.map((span) => lineOf(span.start));
  const excerpts = [excerpt(text, found.slice(0, SHOWN_MATCHES), lines)];
  const rest = lines.slice(SHOWN_MATCHES, SHOWN_MATCHES + 20);
  if (rest.length > 0) excerpts.push(`Also lines ${rest.join(", ")}${lines.length > SHOWN_MATCHES + 20 ? ", …" : "."}`);
  const message = `${name} matches ${times} in ${shown}, not ${count === 1 ? "once" : `${count} times`}.`;
  return new ToolError("invalid_input", `${message}\n${excerpts.join("\n")}\n`, {
    hint:
      found.length === 1
        ? "Set `count` to 1."
        : "Add surrounding lines to `old` until it is unique, or set `count` (-1: all).",
  });
}

// The matching lines with one line before and after, numbered as `search` does it, and none of them twice.
function excerpt(text: string, spans: readonly Span[], lines: readonly number[]): string {
  const shown = new Map<number, string>();
  for (const [index, span] of spans.entries()) {
    const own = wholeLines(text, span);
    const start = own.start < 2 ? 0 : text.lastIndexOf("\n", own.start - 2) + 1;
    const stop = text.indexOf("\n", own.end + 1);
    const last = text.slice(own.start, own.end).split("\n").length - 1 + (lines[index] as number);
    let number = (lines[index] as number) - (own.start > start ? 1 : 0);
    for (const line of cutText(text.slice(start, stop === -1 ? text.length : stop), 600).split("\n")) {
      const matches = number >= (lines[index] as number) && number <= last;
      if (matches || !shown.has(number)) shown.set(number, `${number}${matches ? ":" : "-"}${line}`);
      number++;
    }
  }
  const numbers = [...shown.keys()].toSorted((a, b) => a - b);
  const rows = numbers.flatMap((number, at) => {
    const gap = at > 0 && number > (numbers[at - 1] as number) + 1;
    return [...(gap ? ["--"] : []), shown.get(number) as string];
  });
  return untrusted(rows.join("\n"), { exact: true });
}
