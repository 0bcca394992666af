import { closeFence } from "./fence.ts";
import type { AnyTool } from "./tool.ts";

const TEXT_CAP = 100_000;

/** Characters of one answer, base64 counted as it is: clients end a connection at a line of 10 MB. */
export const MOST_CONTENT = 8_000_000;

/** The most text (bytes of UTF-8) that a tool may return. */
export function textLimit({ maxBytes = TEXT_CAP }: Pick<AnyTool<never>, "maxBytes">): number {
  return maxBytes;
}

/** Cuts text to at most `limit` bytes of UTF-8, at a character boundary, and says so. A bounded result, not an error. */
export function cap(text: string, limit: number): string {
  return fits(text, limit) ? text : cut(text, limit, Buffer.byteLength(text));
}

/** Longer than any credential in any form: what stands so far behind a cut is no half of one before it. */
const MARGIN = 131_072;

/**
 * {@link cap} of masked text. Masked before it is cut, since half a secret no longer looks like one; but of text that is far
 * longer than what is shown of it only the beginning is looked at.
 */
export function capMasked(text: string, limit: number, mask: (text: string) => string): string {
  if (text.length <= limit + MARGIN) return cap(mask(text), limit);
  const masked = mask(text.slice(0, limit + MARGIN));
  return cut(masked.slice(0, Math.max(0, masked.length - MARGIN)), limit, Buffer.byteLength(text));
}

// A UTF-16 unit is one to three bytes of UTF-8: short text needs no counting.
function fits(text: string, limit: number): boolean {
  return text.length * 3 <= limit || Buffer.byteLength(text) <= limit;
}

function cut(text: string, limit: number, whole: number): string {
  // A unit is at least one byte: what lies behind `limit` units is not shown, so it is not copied either.
  const bytes = Buffer.from(text.slice(0, limit + 1));
  let end = Math.min(limit, bytes.length);
  while (end > 0 && end < bytes.length && ((bytes[end] as number) & 0xc0) === 0x80) end--;
  const shown = closeFence(bytes.toString("utf8", 0, end));
  return `${shown}\n[cut: ${end.toLocaleString("en")} of ${whole.toLocaleString("en")} bytes shown; ask for less or for a part]`;
}
