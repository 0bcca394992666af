import { showInvisible } from "@mooring/core";
import { plainQuotes, withoutInvisible, withoutWhitespace } from "./skeleton.ts";

/** How one line of a file differs from the line that was looked for. */
export interface Difference {
  /** Numbered from 1. */
  readonly line: number;
  /** In words; quotes a little of the file's text, with invisible characters shown. */
  readonly what: string;
}

const MOST = 5;

/** Compares the lines of a region, the first of which has the number `firstLine`, with the wanted ones. */
export function differences(found: readonly string[], wanted: readonly string[], firstLine: number): Difference[] {
  if (found.length !== wanted.length && withoutWhitespace(found.join("")) === withoutWhitespace(wanted.join("")))
    return [{ line: firstLine, what: `line breaks: ${found.length} lines in the file, ${wanted.length} in \`old\`` }];
  const all: Difference[] = [];
  const length = Math.max(found.length, wanted.length);
  for (let index = 0; index < length && all.length < MOST; index++) {
    const what = difference(found[index], wanted[index], index === 0, index === length - 1);
    if (what !== undefined) all.push({ line: firstLine + index, what });
  }
  return all;
}

function difference(file: string | undefined, old: string | undefined, first: boolean, last: boolean) {
  if (file === old) return undefined;
  if (file === undefined) return `missing in the file: ${quote(old ?? "")}`;
  if (old === undefined) return `not in \`old\`: ${quote(file)}`;
  // A pattern may start or end inside a line.
  if ((first && file.endsWith(old)) || (last && file.startsWith(old)) || (first && last && file.includes(old)))
    return undefined;
  if (file.trimEnd() === old.trimEnd())
    return `whitespace at the end: ${spaces(tail(file))} in the file, ${spaces(tail(old))} in \`old\``;
  if (file.trim() === old.trim())
    return `indentation: ${spaces(indent(file))} in the file, ${spaces(indent(old))} in \`old\``;
  const kinds: string[] = [];
  // A pattern that starts inside a line has nothing to say about its indentation.
  const from = first && indent(old) === "" ? indent(file).length : 0;
  const same = (change: (text: string) => string): boolean => change(file.slice(from)) === change(old);
  if (same(withoutWhitespace)) kinds.push("whitespace");
  else if (same((text) => text.toLowerCase())) kinds.push("case");
  else if (same(plainQuotes)) kinds.push("quotes or dashes");
  else if (same(withoutInvisible)) kinds.push("invisible characters");
  else if (same((text) => text.normalize("NFC"))) kinds.push("Unicode normal form");
  return `${kinds[0] ?? "text"}${firstDifference(file, old, from)}`;
}

function firstDifference(file: string, old: string, from: number): string {
  let at = 0;
  while (from + at < file.length && file[from + at] === old[at]) at++;
  return ` from column ${from + at + 1}: ${quote(file.slice(from + at))} in the file, ${quote(old.slice(at))} in \`old\``;
}

function quote(text: string): string {
  const cut = text.length > 40 ? `${text.slice(0, 40).toWellFormed()}…` : text;
  return JSON.stringify(showInvisible(cut));
}

function indent(text: string): string {
  return text.slice(0, text.length - text.trimStart().length);
}

function tail(text: string): string {
  return text.slice(text.trimEnd().length);
}

// "1 tab and 2 spaces"
function spaces(text: string): string {
  if (text.length === 0) return "none";
  const counts = [
    [count(text, "\t"), "tab"],
    [count(text, " "), "space"],
    [text.length - count(text, "\t") - count(text, " "), "other"],
  ] as const;
  return counts
    .filter(([times]) => times > 0)
    .map(([times, what]) => `${times} ${what}${times === 1 || what === "other" ? "" : "s"}`)
    .join(" and ");
}

function count(text: string, character: string): number {
  return text.split(character).length - 1;
}
