import type { Argument } from "./arguments.ts";
import type { Code, Entry } from "./code.ts";
import { call, key, object, quoted, raw, text } from "./literals.ts";
import { canStandAlone } from "./names.ts";
import type { JsonObject } from "./json.ts";
import { OpenApiError } from "./openapi-error.ts";
import type { Operation } from "./operations.ts";
import { oneLine } from "./plain-text.ts";
import { type Scalar, toApi } from "./shape.ts";

/** How `run` sends the operation: its first parameter, and the request it makes of it. */
export interface RequestCode {
  readonly parameter: string;
  readonly request: Code;
}

/** More would not fit the line of `run`. */
const LONGEST_PARAMETER = 80;

export function requestCode({ method, path }: Operation, list: readonly Argument[]): RequestCode {
  const taken = variables(list);
  const { parameter, valueOf, body } = taken;
  const entries: Entry[] = [
    { key: "method", value: text(method) },
    { key: "path", value: pathCode(path, list, valueOf) },
    ...membersOf("query", list, valueOf),
    ...membersOf("headers", list, valueOf),
    ...(body ? [body] : []),
    { key: "signal" },
  ];
  return { parameter, request: object(entries) };
}

interface Variables {
  readonly parameter: string;
  valueOf(argument: Argument): string;
  readonly body: Entry | undefined;
}

/** Arguments as variables of their own, where they can be; else as members of `input`. */
function variables(list: readonly Argument[]): Variables {
  const members = list.filter(({ place }) => place.in === "body" && !place.isWhole);
  const others = list.filter((argument) => !members.includes(argument));
  const isRenamed = members.some(({ name, apiName }) => name !== apiName);
  const [whole] = others.filter(({ place }) => place.in === "body");
  const named = isRenamed ? list : others;
  const isRest = members.length > 0 && !isRenamed;
  const parts = [...named.map(({ name }) => name), ...(isRest ? ["...body"] : [])];
  const pattern = parts.length === 1 && isRest ? "body" : `{ ${parts.join(", ")} }`;
  const alone = named.every(({ name, place }) => canStandAlone(name) || (place.in === "body" && place.isWhole));
  const fits = pattern.length <= LONGEST_PARAMETER && alone && !(isRest && named.some(({ name }) => name === "body"));
  const parameter = list.length === 0 ? "_input" : fits ? pattern : "input";
  const valueOf = ({ name }: Argument) => (fits ? name : `input.${name}`);
  if (whole) {
    const value = valueOf(whole);
    return { parameter, valueOf, body: value === "body" ? { key: "body" } : { key: "body", value: raw(value) } };
  }
  if (members.length === 0) return { parameter, valueOf, body: undefined };
  if (isRest && fits) return { parameter, valueOf, body: { key: "body" } };
  if (isRest && others.length === 0) return { parameter: "body", valueOf, body: { key: "body" } };
  const entries = members.map((member) => entryOf(member.apiName, raw(valueOf(member))));
  return { parameter, valueOf, body: { key: "body", value: object(entries) } };
}

/** `limit` or `perPage: per_page`; a member called `__proto__` has to be computed to be one. */
function entryOf(apiName: string, value: Code): Entry {
  if (value.kind === "text" && value.text === apiName) return { key: apiName };
  return { key: apiName === "__proto__" ? '["__proto__"]' : key(apiName), value };
}

function membersOf(part: "query" | "headers", list: readonly Argument[], valueOf: Variables["valueOf"]): Entry[] {
  const place = part === "query" ? "query" : "header";
  const entries = list
    .filter((one) => one.place.in === place)
    .map((one) => entryOf(one.apiName, written(one, valueOf(one))));
  return entries.length === 0 ? [] : [{ key: part, value: object(entries) }];
}

/** The argument as the request takes it: a query has texts, numbers and lists of them, a header has texts. */
function written({ place, shape, isRequired }: Argument, value: string): Code {
  const dot = isRequired || shape.fallback !== undefined ? "." : "?.";
  if (place.in === "query" && place.isJson) return call("JSON.stringify", raw(value));
  if (place.in !== "query" && place.in !== "header") return raw(value);
  if (place.joinedBy !== undefined) return raw(`${value}${dot}join(${quoted(place.joinedBy)})`);
  if (place.in === "query") return raw(value);
  const isText =
    shape.kind === "string" || (shape.kind === "choice" && shape.values.every((one) => typeof one === "string"));
  return raw(isText ? value : `${value}${dot}toString()`);
}

function pathCode(path: string, list: readonly Argument[], valueOf: Variables["valueOf"]): Code {
  const parts = partsOf(path);
  if (parts.every(({ parameter }) => parameter === undefined)) return text(parts.map((part) => part.literal).join(""));
  const source = parts.map(({ literal, parameter }) => {
    if (parameter === undefined) return literal;
    const argument = inPath(list, parameter);
    const value = valueOf(argument);
    const isList = argument.place.in === "path" && argument.place.isList;
    return `\${encodeURIComponent(${isList ? `${value}.join(",")` : value})}`;
  });
  return raw(`\`${source.join("")}\``);
}

function inPath(list: readonly Argument[], parameter: string): Argument {
  const found = list.find(({ apiName, place }) => place.in === "path" && apiName === parameter);
  if (!found) throw new OpenApiError(`The path parameter ${JSON.stringify(oneLine(parameter, 60))} is not described.`);
  return found;
}

interface Part {
  readonly literal: string;
  readonly parameter?: string;
}

/**
 * The parts of a path, what is fixed as a URL has it (nothing in it can end a string or template of ours).
 * @throws OpenApiError for a path that is none
 */
function partsOf(path: string): Part[] {
  const shown = JSON.stringify(oneLine(path, 100));
  if (/[?#]/.test(path))
    throw new OpenApiError(`The path ${shown} has a query or fragment, which OpenAPI does not allow.`);
  const parts = path.split(/(\{[^{}]*\})/).filter((part) => part !== "");
  const fixed = parts.map((part) => (part.startsWith("{") && part.endsWith("}") ? "x" : part)).join("");
  if (fixed.split("/").some((segment) => /^(?:\.|%2e){1,2}$/i.test(segment)) || !isText(path))
    throw new OpenApiError(`The path ${shown} does not name one place.`);
  return parts.map((part) =>
    part.startsWith("{") && part.endsWith("}")
      ? { literal: "", parameter: part.slice(1, -1) }
      : { literal: part.replace(/%(?![0-9A-Fa-f]{2})|[^A-Za-z0-9\-._~!$&'()*+,;=:@/%]/gu, encodeURIComponent) },
  );
}

// A lone surrogate has no bytes.
function isText(path: string): boolean {
  return path.isWellFormed();
}

/** The request that the values make, for a test: what {@link requestCode} does, done. */
export function requestOf(
  { method, path }: Operation,
  list: readonly Argument[],
  values: ReadonlyMap<string, unknown>,
): JsonObject {
  const valueOf = ({ name, shape }: Argument) => toApi(shape, values.get(name) ?? shape.fallback);
  const part = (place: Argument["place"]["in"]) => {
    const members = list.filter((one) => one.place.in === place);
    const given = members.map((one) => [one.apiName, sent(one, valueOf(one))] as const);
    return members.length === 0 ? undefined : Object.fromEntries(given.filter(([, value]) => value !== undefined));
  };
  const fixed = partsOf(path).map(({ literal, parameter }) => {
    if (parameter === undefined) return literal;
    const value = valueOf(inPath(list, parameter));
    return encodeURIComponent(Array.isArray(value) ? value.join(",") : String(value));
  });
  const whole = list.find(({ place }) => place.in === "body" && place.isWhole);
  const all = { query: part("query"), headers: part("header"), body: whole ? valueOf(whole) : part("body") };
  const parts = Object.entries(all).filter(([, value]) => value !== undefined);
  return { method, path: fixed.join(""), ...Object.fromEntries(parts) };
}

function sent({ place }: Argument, value: unknown): unknown {
  if (value === undefined) return undefined;
  if (place.in === "query" && place.isJson) return JSON.stringify(value);
  if ((place.in === "query" || place.in === "header") && place.joinedBy !== undefined && Array.isArray(value))
    return value.join(place.joinedBy);
  return place.in === "header" ? String(value as Scalar) : value;
}
