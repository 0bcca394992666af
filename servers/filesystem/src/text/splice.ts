import { encodeText, type DecodedText } from "./decode.ts";
import type { Draft } from "./draft.ts";
import type { Folded } from "./folding.ts";

/**
 * The bytes of an edited file: kept parts are copied from `bytes`, only inserted text is encoded. `undefined` when the
 * file's encoding has no bytes for an inserted character.
 */
export function splice(bytes: Uint8Array, decoded: DecodedText, folded: Folded, draft: Draft): Buffer | undefined {
  const { encoding, bom } = decoded.format;
  const offset = offsets(decoded);
  const parts: Uint8Array[] = [bytes.subarray(0, bom)];
  for (const piece of draft.pieces) {
    if (piece.kind === "kept") {
      const start = bom + offset(folded.original(piece.start));
      parts.push(bytes.subarray(start, bom + offset(folded.original(piece.end))));
      continue;
    }
    const text = piece.eol === "\n" ? piece.text : piece.text.replaceAll("\n", piece.eol);
    const encoded = encodeText(text, encoding);
    if (encoded === undefined) return undefined;
    parts.push(encoded);
  }
  return Buffer.concat(parts);
}

/** Whether decoding and encoding give the same bytes again; some legacy encodings have two byte sequences for one character. */
export function roundTrips(bytes: Uint8Array, { text, format }: DecodedText): boolean {
  if (format.encoding.startsWith("utf-")) return true;
  return encodeText(text, format.encoding)?.equals(bytes.subarray(format.bom)) ?? false;
}

// Byte offsets of ascending positions: each stretch of text is measured once.
function offsets({ text, format: { encoding } }: DecodedText): (index: number) => number {
  if (encoding.startsWith("utf-16")) return (index) => index * 2;
  let at = 0;
  let bytes = 0;
  return (index) => {
    const stretch = text.slice(at, index);
    bytes += encoding === "utf-8" ? Buffer.byteLength(stretch, "utf8") : (encodeText(stretch, encoding)?.length ?? 0);
    at = index;
    return bytes;
  };
}
