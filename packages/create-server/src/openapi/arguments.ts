import { isObject, type JsonObject, listMember, member, objectMember, textMember } from "./json.ts";
import { argumentNames } from "./names.ts";
import { OpenApiError } from "./openapi-error.ts";
import type { Operation } from "./operations.ts";
import { firstSentence, oneLine } from "./plain-text.ts";
import { type SchemaReader, schemaReader } from "./read-schema.ts";
import { resolve, resolvedObject } from "./reference.ts";
import type { Field, Shape } from "./shape.ts";

/** Where an argument goes, and how it is written there. */
export type Place =
  | { readonly in: "path"; readonly isList: boolean }
  | { readonly in: "query"; readonly joinedBy?: string | undefined; readonly isJson?: boolean }
  | { readonly in: "header"; readonly joinedBy?: string | undefined }
  /** A member of the body, or all of it. */
  | { readonly in: "body"; readonly isWhole: boolean };

export interface Argument extends Field {
  readonly place: Place;
}

export interface Arguments {
  readonly list: readonly Argument[];
  /** What was left out, for the author. */
  readonly notes: readonly string[];
}

/**
 * What a tool for the operation takes.
 * @throws OpenApiError for what cannot be sent, where the service demands it
 */
export function argumentsOf(document: JsonObject, operation: Operation, ownHeaders: ReadonlySet<string>): Arguments {
  const reader = schemaReader(document);
  const notes: string[] = [];
  const parameters = parametersOf(document, operation, ownHeaders);
  const inUrl = parameters.flatMap((parameter) => readParameter(document, parameter, { reader, notes, operation }));
  const inBody = bodyOf(document, operation, reader, notes);
  const taken = new Set(argumentNames(inUrl.map(({ name }) => name)));
  const isClear = inBody.every(({ name, place }) => (place.in === "body" && place.isWhole) || !taken.has(name));
  const all = [...inUrl, ...(isClear ? inBody : whole(document, operation))];
  const names = argumentNames(all.map(({ name }) => name));
  const list = all.map((one, index) => ({ ...one, name: names[index] ?? one.name }));
  // What has to be given comes first, as people read it.
  return { list: [...list.filter(isNeeded), ...list.filter((one) => !isNeeded(one))], notes };
}

function isNeeded({ isRequired, shape }: Argument): boolean {
  return isRequired && shape.fallback === undefined;
}

interface Reading {
  readonly reader: SchemaReader;
  readonly notes: string[];
  readonly operation: Operation;
}

function parametersOf(document: JsonObject, operation: Operation, ownHeaders: ReadonlySet<string>): JsonObject[] {
  const found = new Map<string, JsonObject>();
  for (const each of [...operation.shared, ...listMember(operation.definition, "parameters")]) {
    const parameter = resolvedObject(document, each);
    const [place, name] = [textMember(parameter, "in"), textMember(parameter, "name")];
    if (place === undefined || name === undefined) continue;
    const isOwn = place === "header" && (OWN_HEADERS.has(name.toLowerCase()) || ownHeaders.has(name.toLowerCase()));
    if (!isOwn) found.set(`${place} ${name}`, parameter);
  }
  for (const [, name = ""] of operation.path.matchAll(/\{([^{}]*)\}/g))
    if (!found.has(`path ${name}`)) found.set(`path ${name}`, { name, in: "path", required: true });
  return [...found.values()].filter((parameter) => parameter["in"] !== "path" || isInPath(operation, parameter));
}

function isInPath({ path }: Operation, parameter: JsonObject): boolean {
  return path.includes(`{${String(parameter["name"])}}`);
}

/** What the client of the server sets itself, or the connection. */
const OWN_HEADERS: ReadonlySet<string> = new Set(
  (
    "accept accept-encoding authorization connection content-encoding content-length content-type cookie expect host keep-alive " +
    "proxy-authorization set-cookie te trailer transfer-encoding upgrade"
  ).split(" "),
);

function readParameter(document: JsonObject, parameter: JsonObject, { reader, notes, operation }: Reading): Argument[] {
  const name = String(parameter["name"]);
  const place = String(parameter["in"]);
  const isRequired = place === "path" || parameter["required"] === true;
  if (parameter["deprecated"] === true && !isRequired) return [];
  const [media] = Object.values(objectMember(parameter, "content"));
  const schema = media === undefined ? parameter["schema"] : member(media, "schema");
  const shape = withFacts(reader.read(schema, examplesOf(document, parameter)), parameter);
  const read = placed(place, name, { shape, parameter, isJson: media !== undefined });
  if (typeof read !== "string") return read.map((one) => ({ ...one, isRequired: isRequired && one.isRequired }));
  const what = `the ${oneLine(place, 20)} parameter ${JSON.stringify(oneLine(name, 60))}`;
  if (isRequired)
    throw new OpenApiError(
      `${titleOf(operation)} needs ${what}, which ${read}. Leave the operation out, or write its tool by hand.`,
    );
  notes.push(`${titleOf(operation)}: ${what} is left out, as it ${read}.`);
  return [];
}

function titleOf({ method, path, id }: Operation): string {
  return oneLine(id ?? `${method} ${path}`, 120);
}

function examplesOf(document: JsonObject, parameter: JsonObject): unknown[] {
  const values = Object.values(objectMember(parameter, "examples")).map(
    (one) => resolvedObject(document, one)["value"],
  );
  return [parameter["example"], ...values].filter((value) => value !== undefined);
}

/** A parameter's own description says more than its schema's. */
function withFacts(shape: Shape, parameter: JsonObject): Shape {
  const description = firstSentence(textMember(parameter, "description") ?? "", 160);
  return description === "" ? shape : { ...shape, description };
}

interface Given {
  readonly shape: Shape;
  readonly parameter: JsonObject;
  readonly isJson: boolean;
}

/** The arguments of a parameter, or why there can be none. */
function placed(place: string, name: string, { shape, parameter, isJson }: Given): Argument[] | string {
  const style = textMember(parameter, "style");
  const one = (given: Shape, where: Place): Argument[] => [
    { name, apiName: name, shape: given, isRequired: true, place: where },
  ];
  const plain = plainOf(shape);
  if (place === "path") {
    if (style !== undefined && style !== "simple") return `is written in the style ${oneLine(style, 30)}`;
    if (!plain || isJson) return "is an object";
    const isList = plain.kind === "list";
    return one(neverEmpty({ ...plain, isNullable: false, fallback: undefined }), { in: "path", isList });
  }
  if (place === "header") {
    if (!/^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/.test(name)) return "is no name of a header";
    if (!plain || isJson) return "is an object";
    const value = {
      ...plain,
      isNullable: false,
      ...(plain.kind === "string" && { pattern: plain.pattern ?? PRINTABLE }),
    };
    return one(value, { in: "header", joinedBy: plain.kind === "list" ? "," : undefined });
  }
  if (place !== "query") return `stands in a ${oneLine(place, 20)}, which the client does not send`;
  if (isJson) return one(shape, { in: "query", isJson });
  if (plain)
    return one({ ...plain, isNullable: false }, { in: "query", joinedBy: separatorOf(plain, style, parameter) });
  if (shape.kind !== "object" || shape.rest) return "is an object of any form";
  // `filter[name]=` and, exploded, `name=`: each member is an argument.
  const isDeep = style === "deepObject";
  if (!isDeep && parameter["explode"] === false) return "is an object in one value";
  const fields = shape.fields.map((field) => ({ ...field, shape: plainOf(field.shape) }));
  if (fields.some((field) => !field.shape)) return "is an object of objects";
  return fields.map((field) => {
    const apiName = isDeep ? `${name}[${field.apiName}]` : field.apiName;
    return { ...field, name: apiName, apiName, shape: field.shape as Shape, place: { in: "query" } };
  });
}

const PRINTABLE = { source: "^[ -~]*$", sample: "text" };

/** The shape, if it can be written into a URL; what may be anything is text there. */
function plainOf(shape: Shape): Shape | undefined {
  switch (shape.kind) {
    case "string":
    case "number":
    case "boolean":
    case "choice":
      return shape;
    case "any": {
      const { description, note } = shape;
      if (shape.of === "object") return undefined;
      const text: Shape = { kind: "string", description, note: undefined };
      return shape.of === "list" ? { kind: "list", item: text, description, note } : text;
    }
    case "union":
      return shape.options.every((option) => plainOf(option) && option.kind !== "list" && option.kind !== "any")
        ? shape
        : undefined;
    case "list": {
      const item = plainOf(shape.item);
      return item && item.kind !== "list" ? { ...shape, item: { ...item, isNullable: false } } : undefined;
    }
    default:
      return undefined;
  }
}

/** An empty name would make another path of it: that of the whole list. */
function neverEmpty(shape: Shape): Shape {
  if (shape.kind === "string") return { ...shape, min: Math.max(shape.min ?? 1, 1) };
  if (shape.kind === "list") return { ...shape, min: Math.max(shape.min ?? 1, 1), item: neverEmpty(shape.item) };
  if (shape.kind === "union") return { ...shape, options: shape.options.map(neverEmpty) };
  return shape;
}

const SEPARATORS: Readonly<Record<string, string>> = { form: ",", spaceDelimited: " ", pipeDelimited: "|" };

function separatorOf(shape: Shape, style = "form", parameter: JsonObject = {}): string | undefined {
  const isExploded = parameter["explode"] ?? style === "form";
  return shape.kind === "list" && isExploded !== true && Object.hasOwn(SEPARATORS, style)
    ? SEPARATORS[style]
    : undefined;
}

const WHOLE = "body";

function bodyOf(document: JsonObject, operation: Operation, reader: SchemaReader, notes: string[]): Argument[] {
  const body = requestBody(document, operation);
  if (!body) return [];
  const { media, isRequired, others } = body;
  if (!media) {
    const what =
      others.length === 0
        ? "a body of no type"
        : `a body of the type ${others.map((type) => oneLine(type, 60)).join(", ")}`;
    if (isRequired)
      throw new OpenApiError(
        `${titleOf(operation)} takes ${what}; only JSON is written. Leave the operation out, or write its tool by hand.`,
      );
    notes.push(`${titleOf(operation)}: ${what} is left out; only JSON is written.`);
    return [];
  }
  const shape = reader.read(media["schema"], examplesOf(document, media));
  const isFlat =
    shape.kind === "object" &&
    !shape.rest &&
    !shape.isNullable &&
    (isRequired || shape.fields.every((field) => !field.isRequired));
  if (!isFlat) return [wholeBody(shape, isRequired)];
  return shape.fields.map((field) => ({ ...field, place: { in: "body", isWhole: false } }));
}

function wholeBody(shape: Shape, isRequired: boolean): Argument {
  return { name: WHOLE, apiName: WHOLE, shape, isRequired, place: { in: "body", isWhole: true } };
}

/** The body as one argument, where its members have names of parameters. */
function whole(document: JsonObject, operation: Operation): Argument[] {
  const body = requestBody(document, operation);
  return body?.media ? [wholeBody(schemaReader(document).read(body.media["schema"]), body.isRequired)] : [];
}

interface RequestBody {
  readonly media: JsonObject | undefined;
  readonly isRequired: boolean;
  readonly others: readonly string[];
}

function requestBody(document: JsonObject, { definition }: Operation): RequestBody | undefined {
  const { value } = resolve(document, definition["requestBody"]);
  if (!isObject(value)) return undefined;
  const content = objectMember(value, "content");
  const types = Object.keys(content);
  const type = JSON_TYPES.map((pattern) => types.find((one) => pattern.test(one))).find((one) => one !== undefined);
  const media = type === undefined ? undefined : content[type];
  return { media: isObject(media) ? media : undefined, isRequired: value["required"] === true, others: types };
}

const JSON_TYPES = [
  /^application\/json\s*(?:;|$)/i,
  /^[a-z]+\/(?:[a-z0-9.-]+\+)?json\s*(?:;|$)/i,
  /^(?:application|\*)\/\*$/,
];
