/** Bytes in one row of a dump. */
export const hexRow = 16;
/** Characters of one row, line feed included: offset, two columns of bytes, text. */
export const hexRowText = 8 + 2 + hexRow * 3 + 1 + hexRow + 1;

/** A dump as `xxd` and `hexdump -C` have it: offset, bytes, and what of them is printable ASCII. */
export function hexDump(bytes: Uint8Array, offset: number): string {
  const rows: string[] = [];
  for (let at = 0; at < bytes.length; at += hexRow) {
    const row = bytes.subarray(at, at + hexRow);
    const hex = Array.from(row, (byte) => byte.toString(16).padStart(2, "0")).join(" ");
    const text = Array.from(row, (byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : ".")).join("");
    rows.push(`${(offset + at).toString(16).padStart(8, "0")}  ${hex.padEnd(hexRow * 3 - 1)}  ${text}`);
  }
  return rows.join("\n");
}
