import { nearest } from "@mooring/core";
import { isObject, type JsonObject, listMember, objectMember, textMember } from "./json.ts";
import { nameOfPath, snakeCase } from "./names.ts";
import { OpenApiError } from "./openapi-error.ts";
import { oneLine } from "./plain-text.ts";
import { resolvedObject } from "./reference.ts";

const METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"] as const;
export type Method = (typeof METHODS)[number];

/** One operation of a description, where it stands. */
export interface Operation {
  readonly id: string | undefined;
  readonly method: Method;
  readonly path: string;
  readonly definition: JsonObject;
  /** Parameters of the path, which hold for each of its operations. */
  readonly shared: readonly unknown[];
}

/** An operation and the name of its tool. */
export interface Chosen {
  readonly operation: Operation;
  readonly tool: string;
}

export function allOperations(document: JsonObject): Operation[] {
  return Object.entries(objectMember(document, "paths")).flatMap(([path, value]) => {
    if (!path.startsWith("/") || !isObject(value)) return [];
    const item = "$ref" in value ? resolvedObject(document, value) : value;
    return METHODS.flatMap((method) => {
      const definition = objectMember(item, method.toLowerCase());
      if (!(method.toLowerCase() in item)) return [];
      const id = textMember(definition, "operationId");
      return [{ id, method, path, definition, shared: listMember(item, "parameters") }];
    });
  });
}

/**
 * The operations that are wanted, each as its id or `GET /path`, where need be with a name for the tool: `getPet=read_pet`.
 * @throws OpenApiError naming what there is, when none is named, one is unknown, or a name cannot be a tool's
 */
export function chooseOperations(document: JsonObject, wanted: readonly string[]): Chosen[] {
  const operations = allOperations(document);
  if (operations.length === 0) throw new OpenApiError("The description has no operations under `paths`.");
  const named = wanted.map((one) => one.trim()).filter((one) => one !== "");
  if (named.length === 0)
    throw new OpenApiError(
      `Say which operations become tools, with --operations a,b. There are:\n${listed(operations)}`,
    );
  const chosen = named.map((one) => choose(operations, one));
  const problems = chosen.flatMap((one, index) => problemsOf(one, chosen.slice(0, index)));
  if (problems.length > 0) throw new OpenApiError(problems.join("\n"));
  return chosen;
}

function choose(operations: readonly Operation[], wanted: string): Chosen {
  const exact = find(operations, wanted);
  if (exact) return { operation: exact, tool: toolName(exact) };
  const at = wanted.lastIndexOf("=");
  const renamed = at > 0 ? find(operations, wanted.slice(0, at).trim()) : undefined;
  if (renamed) return { operation: renamed, tool: wanted.slice(at + 1).trim() };
  throw unknown(operations, at > 0 ? wanted.slice(0, at).trim() : wanted);
}

function find(operations: readonly Operation[], wanted: string): Operation | undefined {
  const found = operations.filter(({ id }) => id === wanted);
  if (found.length > 1)
    throw new OpenApiError(
      `${quoted(wanted)} is the id of ${found.length} operations. Name one as ${found.map((one) => quoted(called(one))).join(" or ")}.`,
    );
  return found[0] ?? operations.find((one) => called(one).toLowerCase() === wanted.replace(/\s+/, " ").toLowerCase());
}

function called({ method, path }: Operation): string {
  return `${method} ${path}`;
}

function unknown(operations: readonly Operation[], wanted: string): OpenApiError {
  const names = operations.flatMap((one) => [...(one.id === undefined ? [] : [one.id]), called(one)]);
  const near = nearest(wanted, names);
  const parts = snakeCase(wanted).split("_");
  const alike = operations.filter(({ id, path }) => {
    const words = snakeCase(`${id ?? ""} ${path}`).split("_");
    return parts.some((part) => part.length > 2 && words.includes(part));
  });
  const others = alike.length > 0 ? alike : operations;
  return new OpenApiError(
    `There is no operation ${quoted(wanted)}${near === undefined ? "" : `; did you mean ${quoted(near)}?`}` +
      `${near === undefined ? "." : ""} ${alike.length > 0 ? "Alike" : "There"} are:\n${listed(others)}`,
  );
}

const MOST_LISTED = 40;

function listed(operations: readonly Operation[]): string {
  const rows = operations.slice(0, MOST_LISTED).map((one) => {
    const id = one.id === undefined ? "" : `  ${oneLine(one.id, 80)}`;
    return `  ${oneLine(called(one), 100)}${id}`;
  });
  const more = operations.length - rows.length;
  return [...rows, ...(more > 0 ? [`  and ${more} more`] : [])].join("\n");
}

function toolName({ id, method, path }: Operation): string {
  return id === undefined || snakeCase(id) === "" ? nameOfPath(method, path) : snakeCase(id);
}

const LONGEST = 48;

function problemsOf({ operation, tool }: Chosen, before: readonly Chosen[]): string[] {
  const name = operation.id ?? called(operation);
  const rename = (suggested: string) => `Name it: --operations "${oneLine(name, 80)}=${suggested}".`;
  const same = before.find((other) => other.tool === tool);
  if (same?.operation === operation) return [`${quoted(name)} is named twice.`];
  if (same)
    return [
      `${quoted(name)} and ${quoted(same.operation.id ?? called(same.operation))} would both be the tool "${tool}". ${rename(fitting(`${tool}_${operation.method.toLowerCase()}`))}`,
    ];
  // `index.ts` is the list of the tools.
  if (tool === "index")
    return [`${quoted(name)} would be the tool "index", which has another meaning. ${rename("get_index")}`];
  if (/^[a-z][a-z0-9_]{0,47}$/.test(tool) && !/_$|__/.test(tool)) return [];
  return [
    `${quoted(name)} would be the tool "${oneLine(tool, 80)}"; a name has small letters, digits and _, begins with a letter, and has at most ${LONGEST} characters. ${rename(fitting(tool))}`,
  ];
}

/** The nearest name that a tool may have. */
function fitting(tool: string): string {
  const plain = snakeCase(tool);
  const begun = /^[a-z]/.test(plain) ? plain : plain === "" ? "call_it" : `call_${plain}`;
  if (begun.length <= LONGEST) return begun;
  const words = begun.split("_");
  while (words.join("_").length > LONGEST && words.length > 1) words.pop();
  return words.join("_").slice(0, LONGEST);
}

function quoted(text: string): string {
  return JSON.stringify(oneLine(text, 120));
}
