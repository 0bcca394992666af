import type { Code, Entry } from "./code.ts";
import { INVISIBLE } from "./plain-text.ts";

/** Characters that nobody sees in source code, or that would end a line of it. */
const UNSEEN = new RegExp(`${INVISIBLE.source}|\\p{Z}`, "gu");

/** A string as source code: nothing in it can end it, and every character can be seen. The quotes that need fewer escapes. */
export function quoted(text: string): string {
  const doubles = text.split('"').length;
  const singles = text.split("'").length;
  const escaped = JSON.stringify(text)
    .slice(1, -1)
    .replace(UNSEEN, (character) => (character === " " ? " " : unicodeEscapes(character)));
  if (doubles <= singles) return `"${escaped}"`;
  return `'${escaped.replaceAll('\\"', '"').replaceAll("'", "\\'")}'`;
}

function unicodeEscapes(character: string): string {
  return Array.from({ length: character.length }, (_, at) => character.charCodeAt(at))
    .map((unit) => `\\u${unit.toString(16).padStart(4, "0")}`)
    .join("");
}

export function text(value: string): Code {
  return { kind: "text", text: quoted(value), is: "string" };
}

export function raw(source: string): Code {
  return { kind: "text", text: source };
}

export function number(value: number): Code {
  return { kind: "text", text: String(value).replace("e+", "e"), is: "number" };
}

/** A name of an object's member, quoted where it has to be. */
export function key(name: string): string {
  return /^[\p{ID_Start}_$][\p{ID_Continue}$]*$/u.test(name) && !quoted(name).includes("\\") ? name : quoted(name);
}

export function object(entries: readonly Entry[], isExpanded = false): Code {
  return { kind: "object", entries, isExpanded };
}

export function list(items: readonly Code[]): Code {
  return { kind: "list", items };
}

export function call(callee: string, ...parameters: readonly Code[]): Code {
  return { kind: "call", callee, parameters };
}

/** A JSON value as source code. */
export function literal(value: unknown): Code {
  if (typeof value === "string") return text(value);
  if (typeof value === "number") return number(value);
  if (Array.isArray(value)) return list(value.map(literal));
  if (typeof value === "object" && value !== null)
    return object(Object.entries(value).map(([name, inner]) => ({ key: memberKey(name), value: literal(inner) })));
  return raw(String(value));
}

// As a plain key it would set the prototype instead of a member.
function memberKey(name: string): string {
  return name === "__proto__" ? '["__proto__"]' : key(name);
}
