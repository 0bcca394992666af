/** How the lines of a text end; `none` when it has no line end. */
export type Eol = "lf" | "crlf" | "cr" | "mixed" | "none";

/** How often each line end occurs. */
export interface EolCounts {
  readonly lf: number;
  readonly crlf: number;
  /** A carriage return alone: an old Macintosh line end. */
  readonly cr: number;
}

export function countEols(text: string): EolCounts {
  let feeds = 0;
  let crlf = 0;
  for (let at = text.indexOf("\n"); at !== -1; at = text.indexOf("\n", at + 1)) {
    feeds += 1;
    if (at > 0 && text.charCodeAt(at - 1) === 13) crlf += 1;
  }
  let returns = 0;
  for (let at = text.indexOf("\r"); at !== -1; at = text.indexOf("\r", at + 1)) returns += 1;
  return { lf: feeds - crlf, crlf, cr: returns - crlf };
}

export function eolOf({ lf, crlf, cr }: EolCounts): Eol {
  const kinds = Number(lf > 0) + Number(crlf > 0) + Number(cr > 0);
  if (kinds === 0) return "none";
  if (kinds > 1) return "mixed";
  return lf > 0 ? "lf" : crlf > 0 ? "crlf" : "cr";
}

/** The line end a new line of this text should get: the one most lines have, LF when there is none. */
export function dominantEol(text: string): "\n" | "\r\n" | "\r" {
  const { lf, crlf, cr } = countEols(text);
  if (crlf > lf && crlf >= cr) return "\r\n";
  return cr > lf ? "\r" : "\n";
}

/** Without the LFs at both ends. By hand: `/\n+$/` takes the square of a run's length. */
export function withoutOuterNewlines(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && text[start] === "\n") start++;
  while (end > start && text[end - 1] === "\n") end--;
  return text.slice(start, end);
}

/** Lines as an editor counts them: a final line end does not start another line. */
export function countLines(text: string, { lf, crlf }: EolCounts = countEols(text)): number {
  return lf + crlf + (text.length === 0 || text.endsWith("\n") ? 0 : 1);
}
