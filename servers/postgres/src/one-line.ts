/** Free text on one line: line breaks become spaces. */
export function oneLine(text: string): string {
  return text.replace(/\s+/g, " ").trim();
}

/** One line, at most `most` characters: what others wrote may hold anything. */
export function short(text: string, most: number): string {
  const line = oneLine(text);
  if (line.length <= most) return line;
  // Never half of a character beyond the basic plane.
  return `${line.slice(0, most - 1).replace(/[\ud800-\udbff]$/, "")}…`;
}
