import { untrusted } from "@mooring/core";
import { contains } from "./find.ts";
import { withoutOuterNewlines } from "./lines.ts";
import { nearMiss } from "./near-miss.ts";

/** Characters of the file that an explanation shows at most. */
const SHOWN = 4_000;

/** Why `old` does not occur in `text` (both folded), with the text that was probably meant, so that a retry needs no read. */
export function explainNoMatch(text: string, old: string): string {
  const slip = usualSlip(text, old);
  if (slip !== undefined) return slip;
  const near = nearMiss(text, old);
  if (!near) return text.length === 0 ? "The file is empty." : "Nothing in the file is like it.";
  const where =
    near.firstLine === near.lastLine ? `line ${near.firstLine}` : `lines ${near.firstLine}-${near.lastLine}`;
  const lines = [`Closest, ${where}:`, untrusted(cutText(near.text, SHOWN), { exact: true })];
  for (const { line, what } of near.differences) lines.push(`Line ${line}: ${what}.`);
  return lines.join("\n");
}

// Mistakes whose remedy is shorter than a comparison.
function usualSlip(text: string, old: string): string | undefined {
  const unescaped = old.replaceAll("\\n", "\n").replaceAll("\\t", "\t").replaceAll('\\"', '"');
  if (unescaped !== old && contains(text, unescaped))
    return "It matches with real newlines, tabs and quotes instead of backslash escapes.";
  for (const numbers of [/^[ \t]*\d+[\t→|│:]/gm, /^[ \t]*\d+[|│:] /gm]) {
    const unnumbered = old.replace(numbers, "");
    if (unnumbered !== old && unnumbered.length > 0 && contains(text, unnumbered))
      return "It matches without the line numbers.";
  }
  const trimmed = withoutOuterNewlines(old);
  if (trimmed !== old && trimmed.length > 0 && contains(text, trimmed))
    return "It matches without the newlines at its beginning or end.";
  return undefined;
}

/** Cuts each line and the whole, saying so. */
export function cutText(text: string, most: number): string {
  const lines = text
    .split("\n")
    .map((line) => (line.length > 400 ? `${line.slice(0, 400).toWellFormed()}… (line cut)` : line));
  let length = 0;
  const kept = lines.findIndex((line) => (length += line.length + 1) > most);
  return kept <= 0 ? lines.join("\n") : `${lines.slice(0, kept).join("\n")}\n… (${lines.length - kept} more lines)`;
}
