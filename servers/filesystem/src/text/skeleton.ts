const SINGLE = /[\u2018\u2019\u201a\u201b\u2032\u00b4`]/g;
const DOUBLE = /[\u201c\u201d\u201e\u201f\u2033\u00ab\u00bb]/g;
const DASH = /[\u2010-\u2015\u2212]/g;
const INVISIBLE =
  // oxlint-disable-next-line no-control-regex, no-misleading-character-class
  /[\u0000-\u0008\u000e-\u001f\u007f-\u009f\u00ad\u034f\u061c\u115f\u1160\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff]/g;
// oxlint-disable-next-line no-control-regex
const PLAIN = /^[\u0000-\u007f]*$/;

/** Typographic quotes and dashes as the ones on a keyboard. */
export function plainQuotes(text: string): string {
  return PLAIN.test(text)
    ? text.replaceAll("`", "'")
    : text.replace(SINGLE, "'").replace(DOUBLE, '"').replace(DASH, "-");
}

export function withoutInvisible(text: string): string {
  return text.replace(INVISIBLE, "");
}

export function withoutWhitespace(text: string): string {
  return text.replace(/\s+/g, "");
}

/** What is left of a line without whitespace, case, kinds of quotes, invisible characters and Unicode normal forms. */
export function skeleton(line: string): string {
  if (PLAIN.test(line)) return withoutWhitespace(line).toLowerCase().replace(/["`]/g, "'");
  return withoutWhitespace(withoutInvisible(plainQuotes(line.normalize("NFC"))))
    .toLowerCase()
    .replaceAll('"', "'");
}
