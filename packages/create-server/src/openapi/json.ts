/** An object of a parsed document. Members are read with {@link member}, since names such as `__proto__` may stand in it. */
export type JsonObject = Readonly<Record<string, unknown>>;

export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A member that the document itself has; never one of JavaScript's own. */
export function member(object: unknown, name: string): unknown {
  return isObject(object) && Object.hasOwn(object, name) ? object[name] : undefined;
}

export function objectMember(object: unknown, name: string): JsonObject {
  const value = member(object, name);
  return isObject(value) ? value : {};
}

export function listMember(object: unknown, name: string): readonly unknown[] {
  const value = member(object, name);
  return Array.isArray(value) ? value : [];
}

export function textMember(object: unknown, name: string): string | undefined {
  const value = member(object, name);
  return typeof value === "string" ? value : undefined;
}

/** A finite number, else `undefined`. */
export function numberMember(object: unknown, name: string): number | undefined {
  const value = member(object, name);
  return typeof value === "number" && Number.isFinite(value) ? value : undefined;
}
