export type Members = Readonly<Record<string, unknown>>;

export function isMembers(value: unknown): value is Members {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** An object's member that is an object; an empty one where there is none. */
export function membersOf(value: unknown, key: string): Members {
  const inner = isMembers(value) && Object.hasOwn(value, key) ? value[key] : undefined;
  return isMembers(inner) ? inner : {};
}

export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? (value as readonly unknown[]) : [];
}

/** Equal values give equal text, in whatever order their keys stand. */
export function canonical(value: unknown): string {
  return (
    JSON.stringify(value, (_key, inner: unknown) =>
      isMembers(inner) ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1))) : inner,
    ) ?? "undefined"
  );
}

export function isSame(a: unknown, b: unknown): boolean {
  return canonical(a) === canonical(b);
}

/** A value in a line for a person. */
export function shown(value: unknown): string {
  const text = canonical(value);
  return text.length > 60 ? `${text.slice(0, 59)}…` : text;
}
