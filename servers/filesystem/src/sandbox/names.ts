/**
 * File names are bytes, JavaScript strings are not. Three forms: *component* (UTF-8 decoded, a byte that is not UTF-8 as the
 * lone surrogate U+DC00 + byte, so that every name has exactly one component), *shown* (printable, one line), and *bytes*
 * (latin1 string, one character a byte: what the kernel's answers are compared as).
 */

// oxlint-disable-next-line no-control-regex
const ASCII = /^[\u0000-\u007f]*$/;

/** A component or path from the kernel's bytes. */
export function fromBytes(bytes: string): string {
  if (ASCII.test(bytes)) return bytes;
  const buffer = Buffer.from(bytes, "latin1");
  const text = buffer.toString("utf8");
  // U+FFFD stands for a bad byte, or was in the name.
  return text.includes("\ufffd") ? surrogateEscaped(buffer) : text;
}

/** The kernel's bytes of a component or path. */
export function toBytes(text: string): string {
  return ASCII.test(text) ? text : toBuffer(text).toString("latin1");
}

/** What to pass to `node:fs`: the string itself, unless it holds bytes that are not UTF-8. */
export function toSystem(text: string): string | Buffer {
  return text.isWellFormed() ? text : toBuffer(text);
}

function toBuffer(text: string): Buffer {
  if (text.isWellFormed()) return Buffer.from(text, "utf8");
  const parts: Buffer[] = [];
  for (const character of text) {
    const code = character.codePointAt(0) as number;
    parts.push(code >= 0xdc80 && code <= 0xdcff ? Buffer.from([code - 0xdc00]) : Buffer.from(character, "utf8"));
  }
  return Buffer.concat(parts);
}

function surrogateEscaped(buffer: Buffer): string {
  let text = "";
  for (let at = 0; at < buffer.length;) {
    const length = sequenceLength(buffer, at);
    if (length === 0) text += String.fromCharCode(0xdc00 + (buffer[at] as number));
    else text += buffer.toString("utf8", at, at + length);
    at += Math.max(length, 1);
  }
  return text;
}

// The length of the valid UTF-8 sequence at this place, or 0.
function sequenceLength(buffer: Buffer, at: number): number {
  const lead = buffer[at] as number;
  if (lead < 0x80) return 1;
  const length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  const sequence = buffer.subarray(at, at + length);
  return sequence.length === length && Buffer.from(sequence.toString("utf8"), "utf8").equals(sequence) ? length : 0;
}

// Controls, backslash, invisible and bidi characters, line and paragraph separators, lone surrogates.
const UNPRINTABLE =
  // oxlint-disable-next-line no-control-regex, no-misleading-character-class
  /[\u0000-\u001f\\\u007f-\u009f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ud800-\udfff\ufe00-\ufe0e\ufeff\uffa0\ufff9-\ufffb\u{1d173}-\u{1d17a}\u{e0000}-\u{e0fff}]/gu;
const PLAIN = /^[!-[\]-~](?:[ -[\]-~]*[!-[\]-~])?$/;
const SHORT: Readonly<Record<string, string>> = { "\n": "\\n", "\r": "\\r", "\t": "\\t", "\\": "\\\\" };

/** A component or path as one printable line: `\n`, `\u202e`, `\xff` for a bad byte, `\\` for a backslash. */
export function shownName(text: string): string {
  // Nearly every name.
  if (PLAIN.test(text)) return text;
  const escaped = text.replace(UNPRINTABLE, escapeOne);
  return /^ | $/.test(escaped) ? escaped.replace(/^ | $/g, "\\x20") : escaped;
}

function escapeOne(character: string): string {
  const short = SHORT[character];
  if (short !== undefined) return short;
  const code = character.codePointAt(0) as number;
  if (code >= 0xdc80 && code <= 0xdcff) return `\\x${(code - 0xdc00).toString(16)}`;
  if (code < 0x80) return `\\x${code.toString(16).padStart(2, "0")}`;
  return code > 0xffff ? `\\u{${code.toString(16)}}` : `\\u${code.toString(16).padStart(4, "0")}`;
}

/** Reads {@link shownName} back; `undefined` when the text holds no escape or a wrong one. */
export function unescapeName(shown: string): string | undefined {
  if (!shown.includes("\\")) return undefined;
  let wrong = false;
  const text = shown.replace(
    /\\(?:([nrt\\])|x([0-9a-f]{2})|u([0-9a-f]{4})|u\{([0-9a-f]{5,6})\}|(.|$))/g,
    (...match) => {
      const [, short, byte, unit, point] = match as (string | undefined)[];
      if (short) return short === "n" ? "\n" : short === "r" ? "\r" : short === "t" ? "\t" : "\\";
      if (byte)
        return String.fromCharCode(parseInt(byte, 16) >= 0x80 ? 0xdc00 + parseInt(byte, 16) : parseInt(byte, 16));
      const code = parseInt(unit ?? point ?? "", 16);
      if (Number.isNaN(code) || code > 0x10ffff) {
        wrong = true;
        return "";
      }
      return String.fromCodePoint(code);
    },
  );
  return wrong ? undefined : text;
}
