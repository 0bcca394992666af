/**
 * Whether `value` certainly takes more than `limit` characters of JSON. Looks at no more of it than that, and makes no text:
 * what would not be sent need not be written first.
 */
export function takesMore(value: unknown, limit: number): boolean {
  let left = limit;
  const waiting: unknown[] = [value];
  // Whatever waits takes at least one character.
  while (waiting.length > 0 && waiting.length <= left) {
    const item = waiting.pop();
    left -= typeof item === "string" ? item.length + 2 : 1;
    if (item === null || typeof item !== "object" || "toJSON" in item) continue;
    if (ArrayBuffer.isView(item)) left -= item.byteLength;
    else if (Array.isArray(item)) for (let i = 0; i < item.length && i <= left; i++) waiting.push(item[i]);
    else
      for (const [key, inner] of Object.entries(item)) {
        left -= key.length;
        waiting.push(inner);
      }
  }
  return waiting.length > left;
}
