/** A copy of plain data with every text in it changed, names of members as well. */
export function deepText<T>(value: T, change: (text: string) => string): T;
export function deepText(value: unknown, change: (text: string) => string): unknown {
  if (typeof value === "string") return change(value);
  if (Array.isArray(value)) return value.map((item: unknown) => deepText(item, change));
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [change(key), deepText(inner as unknown, change)]),
  );
}
