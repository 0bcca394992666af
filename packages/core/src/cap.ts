import { closeFence } from "./fence.ts";
import type { AnyTool } from "./tool.ts";

const TEXT_CAP = 100_000;

/** The most text (bytes of UTF-8) that a tool may return. */
export function textLimit({ maxBytes = TEXT_CAP }: Pick<AnyTool<never>, "maxBytes">): number {
  return maxBytes;
}

/** Cuts text to at most `limit` bytes of UTF-8, at a character boundary, and says so. A bounded result, not an error. */
export function cap(text: string, limit: number): string {
  // A UTF-16 unit is at most 3 bytes of UTF-8: short text needs no counting.
  if (text.length * 3 <= limit) return text;
  const whole = Buffer.byteLength(text);
  if (whole <= limit) return text;
  // A unit is at least one byte: what lies behind `limit` units is not shown, so it is not copied either.
  const bytes = Buffer.from(text.slice(0, limit + 1));
  let end = limit;
  while (end > 0 && ((bytes[end] as number) & 0xc0) === 0x80) end--;
  const cut = closeFence(bytes.toString("utf8", 0, end));
  return `${cut}\n[cut: ${end.toLocaleString("en")} of ${whole.toLocaleString("en")} bytes shown; ask for less or for a part]`;
}
