// A line of an answer is one object: what would break it, or hide in it, is written as an escape.
const UNSEEN =
  // oxlint-disable-next-line no-control-regex, no-misleading-character-class
  /[\u0000-\u001f\u007f-\u009f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufe00-\ufe0e\ufeff\uffa0\ufff9-\ufffb\u{e0000}-\u{e0fff}]/u;
const EACH_UNSEEN = new RegExp(`${UNSEEN.source}|\\\\`, "gu");

/**
 * An identifier as PostgreSQL's `quote_ident` wrote it, on one line: one with line breaks or invisible characters becomes
 * `U&"a\000Ab"`, which PostgreSQL reads as the same name
 * (https://www.postgresql.org/docs/current/sql-syntax-lexical.html#SQL-SYNTAX-IDENTIFIERS-UESCAPE).
 */
export function shownName(quoted: string): string {
  if (!UNSEEN.test(quoted)) return quoted;
  return `U&"${quoted.slice(1, -1).replace(EACH_UNSEEN, escaped)}"`;
}

function escaped(character: string): string {
  if (character === "\\") return "\\\\";
  const code = (character.codePointAt(0) as number).toString(16).toUpperCase();
  return code.length > 4 ? `\\+${code.padStart(6, "0")}` : `\\${code.padStart(4, "0")}`;
}
