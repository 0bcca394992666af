// JSON.stringify escapes C0 controls (so newline and ESC); these do something to a terminal or a reader as well:
// DEL and C1 controls, line separators, bidi and zero-width marks, byte order mark.
const UNSAFE = /[\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;

/** One line of JSON, without the newline, that no terminal or line-based reader can misread. Throws what JSON.stringify throws. */
export function jsonLine(value: Readonly<Record<string, unknown>>): string {
  return JSON.stringify(value).replace(UNSAFE, escaped);
}

/** `text` on one line: control and other unsafe characters as JSON escapes. */
export function oneLine(text: string): string {
  // oxlint-disable-next-line no-control-regex
  return text.replace(/[\u0000-\u001f]/g, escaped).replace(UNSAFE, escaped);
}

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}
