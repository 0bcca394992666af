/** `member`: the name of the object's member that the text is the value of. */
export type TextChange = (text: string, member?: string) => string;

/** A copy of plain data with every text in it changed, names of members as well. */
export function deepText<T>(value: T, change: TextChange): T;
export function deepText(value: unknown, change: TextChange): unknown {
  return walk(value, change, undefined);
}

function walk(value: unknown, change: TextChange, member: string | undefined): unknown {
  if (typeof value === "string") return change(value, member);
  if (Array.isArray(value)) return value.map((item: unknown) => walk(item, change, member));
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [change(key), walk(inner as unknown, change, key)]),
  );
}
