import { isUtf8 } from "node:buffer";

/** How the bytes of a text file are to be read; `bom` is how many bytes stand before the text. */
export interface TextFormat {
  /** `utf-8`, `utf-16le`, `utf-16be`, or the WHATWG label given by `--encoding`. */
  readonly encoding: string;
  readonly bom: 0 | 2 | 3;
}

/** A whole text file; `text` is without its byte order mark. */
export interface DecodedText {
  readonly text: string;
  readonly format: TextFormat;
}

const UTF8: TextFormat = { encoding: "utf-8", bom: 0 };

/**
 * What kind of text the bytes are, or `undefined` for binary: a BOM, strict UTF-8 without NUL, UTF-16 without a BOM, then
 * `fallback` (`--encoding`). `complete: false` says the sample may end inside a character.
 */
export function sniff(
  sample: Uint8Array,
  { complete, fallback }: { complete: boolean; fallback?: string | undefined },
): TextFormat | undefined {
  if (sample[0] === 0xef && sample[1] === 0xbb && sample[2] === 0xbf)
    return isText(sample, complete) ? { encoding: "utf-8", bom: 3 } : undefined;
  if (sample[0] === 0xff && sample[1] === 0xfe) return utf16(sample, "utf-16le", 2, complete);
  if (sample[0] === 0xfe && sample[1] === 0xff) return utf16(sample, "utf-16be", 2, complete);
  if (isText(sample, complete)) return UTF8;
  return utf16WithoutBom(sample, complete) ?? otherEncoding(sample, fallback, complete);
}

/** Whether bytes that {@link sniff} takes for binary are more likely a text in an encoding that nobody named. */
export function isForeignText(sample: Uint8Array): boolean {
  // Tab, LF, FF, CR and ESC are the control characters that texts have.
  const control = (byte: number) => byte < 32 && byte !== 9 && byte !== 10 && byte !== 12 && byte !== 13 && byte !== 27;
  return sample.length > 0 && !sample.some(control);
}

/** The text of a whole file, or `undefined` when it is binary. */
export function decodeFile(bytes: Uint8Array, fallback?: string): DecodedText | undefined {
  const format = sniff(bytes, { complete: true, fallback });
  if (!format) return undefined;
  const text = decodeText(bytes.subarray(format.bom), format.encoding);
  return text === undefined ? undefined : { text, format };
}

/** Strict decoding without touching a BOM: `undefined` instead of U+FFFD for bytes that are not this encoding. */
export function decodeText(bytes: Uint8Array, encoding: string): string | undefined {
  if (encoding === "utf-8") return isUtf8(bytes) ? buffer(bytes).toString("utf8") : undefined;
  try {
    return new TextDecoder(encoding, { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** The bytes of a text, without a BOM; `undefined` when the encoding has no bytes for one of its characters. */
export function encodeText(text: string, encoding: string): Buffer | undefined {
  if (!text.isWellFormed()) return undefined;
  if (encoding === "utf-8") return Buffer.from(text, "utf8");
  if (encoding === "utf-16le") return Buffer.from(text, "utf16le");
  if (encoding === "utf-16be") return Buffer.from(text, "utf16le").swap16();
  const table = encoderOf(encoding);
  const parts: number[] = [];
  for (const character of text) {
    const bytes = table.get(character);
    if (bytes === undefined) return undefined;
    parts.push(...bytes);
  }
  return Buffer.from(parts);
}

/** The byte order mark of a format. */
export function bomOf({ encoding, bom }: TextFormat): Buffer {
  if (bom === 0) return Buffer.alloc(0);
  if (encoding === "utf-16le") return Buffer.from([0xff, 0xfe]);
  if (encoding === "utf-16be") return Buffer.from([0xfe, 0xff]);
  return Buffer.from([0xef, 0xbb, 0xbf]);
}

/** Whether `--encoding` may name it: a label of the WHATWG Encoding Standard that this Node knows. */
export function isEncodingLabel(label: string): boolean {
  try {
    return new TextDecoder(label, { fatal: true }).encoding !== "replacement";
  } catch {
    return false;
  }
}

/** Where to cut so that no UTF-8 character is split: at most `end`. */
export function utf8Boundary(bytes: Uint8Array, end: number): number {
  if (end >= bytes.length) return bytes.length;
  for (let at = end; at > end - 4 && at > 0; at -= 1) if (((bytes[at] as number) & 0xc0) !== 0x80) return at;
  return end;
}

function buffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function isText(bytes: Uint8Array, complete: boolean): boolean {
  if (bytes.indexOf(0) !== -1) return false;
  return isUtf8(bytes) || (!complete && isUtf8(bytes.subarray(0, lastCharacter(bytes))));
}

// Where the last, possibly unfinished, UTF-8 character starts.
function lastCharacter(bytes: Uint8Array): number {
  let at = bytes.length - 1;
  while (at > bytes.length - 4 && at > 0 && ((bytes[at] as number) & 0xc0) === 0x80) at -= 1;
  return Math.max(at, 0);
}

function utf16(bytes: Uint8Array, encoding: string, bom: 0 | 2, complete: boolean): TextFormat | undefined {
  if (complete && bytes.length % 2 === 1) return undefined;
  let end = bytes.length - (bytes.length % 2);
  // A sample may end between the halves of a surrogate pair.
  if (!complete && end > 2) end -= highSurrogateAt(bytes, end - 2, encoding) ? 2 : 0;
  const text = decodeText(bytes.subarray(bom, end), encoding);
  return text === undefined || text.includes("\0") ? undefined : { encoding, bom };
}

function highSurrogateAt(bytes: Uint8Array, at: number, encoding: string): boolean {
  return ((bytes[encoding === "utf-16le" ? at + 1 : at] as number) & 0xfc) === 0xd8;
}

// Mostly ASCII text in UTF-16 has a NUL in every second byte, always on the same side.
function utf16WithoutBom(sample: Uint8Array, complete: boolean): TextFormat | undefined {
  const bytes = sample.subarray(0, 4096 - (4096 % 2));
  if (bytes.length < 4) return undefined;
  const zeros = [0, 0];
  for (let at = 0; at < bytes.length; at += 1) if (bytes[at] === 0) zeros[at % 2] = (zeros[at % 2] as number) + 1;
  const [even, odd] = zeros as [number, number];
  // Half would do for text, but small integers look like that as well.
  const enough = Math.max(2, (bytes.length / 2) * 0.7);
  if (odd >= enough && even === 0) return printable(sample, "utf-16le", complete);
  if (even >= enough && odd === 0) return printable(sample, "utf-16be", complete);
  return undefined;
}

// Small integers in binary files look like UTF-16 too, but not without control characters.
function printable(sample: Uint8Array, encoding: string, complete: boolean): TextFormat | undefined {
  const format = utf16(sample, encoding, 0, complete);
  const text = format && decodeText(sample.subarray(0, 4096 - (4096 % 2)).subarray(0, evenLength(sample)), encoding);
  // oxlint-disable-next-line no-control-regex
  return text !== undefined && !/[\u0000-\u0008\u000e-\u001f\uffff]/.test(text) ? format : undefined;
}

function evenLength(sample: Uint8Array): number {
  const length = Math.min(sample.length, 4096);
  return length - (length % 2);
}

function otherEncoding(bytes: Uint8Array, label: string | undefined, complete: boolean): TextFormat | undefined {
  if (label === undefined || bytes.indexOf(0) !== -1) return undefined;
  for (const cut of complete ? [0] : [0, 1, 2, 3])
    if (decodeText(bytes.subarray(0, bytes.length - cut), label) !== undefined)
      return { encoding: new TextDecoder(label).encoding, bom: 0 };
  return undefined;
}

const encoders = new Map<string, ReadonlyMap<string, readonly number[]>>();

// The platform decodes legacy encodings but does not encode them: the decoder's table is turned round, once.
function encoderOf(encoding: string): ReadonlyMap<string, readonly number[]> {
  const known = encoders.get(encoding);
  if (known) return known;
  const table = new Map<string, readonly number[]>();
  const decoder = new TextDecoder(encoding, { fatal: true, ignoreBOM: true });
  const add = (bytes: number[]): boolean => {
    try {
      const text = decoder.decode(Uint8Array.from(bytes));
      const one = text.length === ((text.codePointAt(0) ?? 0) > 0xffff ? 2 : 1);
      if (one && !table.has(text)) table.set(text, bytes);
      return true;
    } catch {
      return false;
    }
  };
  const leads: number[] = [];
  for (let byte = 0; byte < 256; byte += 1) if (!add([byte])) leads.push(byte);
  for (const lead of leads) for (let trail = 0x30; trail < 256; trail += 1) add([lead, trail]);
  encoders.set(encoding, table);
  return table;
}
