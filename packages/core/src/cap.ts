import { closeFence } from "./fence.ts";

/** Cuts text to at most `limit` bytes of UTF-8, at a character boundary, and says so. A bounded result, not an error. */
export function cap(text: string, limit: number): string {
  // A UTF-16 unit is at most 3 bytes of UTF-8: short text needs no counting.
  if (text.length * 3 <= limit || Buffer.byteLength(text) <= limit) return text;
  const bytes = Buffer.from(text);
  let end = limit;
  while (end > 0 && ((bytes[end] as number) & 0xc0) === 0x80) end--;
  const cut = closeFence(bytes.toString("utf8", 0, end));
  return `${cut}\n[cut: ${end.toLocaleString("en")} of ${bytes.length.toLocaleString("en")} bytes shown; ask for less or for a part]`;
}
