import { isObject, type JsonObject, listMember, member, numberMember, objectMember, textMember } from "./json.ts";
import { merged } from "./merge-schema.ts";
import { argumentNames } from "./names.ts";
import { readPattern } from "./pattern.ts";
import { firstSentence, oneLine } from "./plain-text.ts";
import { sampleOf } from "./sample.ts";
import {
  accepts,
  type Field,
  type NumberLimits,
  type Scalar,
  type Shape,
  type ShapeFacts,
  type ShapeKind,
} from "./shape.ts";

const DEEPEST = 6;
/** Parts of one tool's arguments; more would fill a model's context with a single definition. */
const MOST_PARTS = 300;
const MOST_CHOICES = 100;
const MOST_DESCRIPTION = 160;

/** Reads the schemas of one operation. */
export interface SchemaReader {
  read(schema: unknown, examples?: readonly unknown[]): Shape;
}

export function schemaReader(document: JsonObject): SchemaReader {
  const state = { document, left: MOST_PARTS };
  return { read: (schema, examples = []) => shapeOf(schema, { state, depth: 0, trail: [], examples }) };
}

interface Place {
  readonly state: { readonly document: JsonObject; left: number };
  readonly depth: number;
  /** References that this place is within. */
  readonly trail: readonly string[];
  readonly examples: readonly unknown[];
}

function shapeOf(schema: unknown, place: Place): Shape {
  if (!isObject(schema)) return { kind: "any", of: "value" };
  const { state, trail, depth } = place;
  const reference = textMember(schema, "$ref");
  if (reference !== undefined && trail.includes(reference))
    return { kind: "any", of: "object", note: `${nameOf(reference)} again, which is not unfolded a second time.` };
  const { schema: plain, trail: visited } = merged(state.document, schema, trail);
  state.left -= 1;
  if (state.left < 0) return { ...anyOf(plain), note: "Not unfolded, since the definition would be too long." };
  if (depth > DEEPEST) return { ...anyOf(plain), note: "Nested too deeply to be unfolded." };
  const examples = [...place.examples, ...examplesOf(plain)];
  const shape = kindOf(plain, { state, depth, trail: visited, examples });
  const facts = factsOf(plain, examples);
  const whole = loosened({ ...shape, ...facts, isNullable: shape.isNullable || isNullable(plain), note: shape.note });
  const { default: fallback } = plain;
  return isScalar(fallback) && accepts(whole, fallback) ? { ...whole, fallback } : whole;
}

function factsOf(schema: JsonObject, examples: readonly unknown[]): ShapeFacts {
  const said = textMember(schema, "description") ?? textMember(schema, "title") ?? "";
  const description = firstSentence(said, MOST_DESCRIPTION);
  return { examples, ...(description !== "" && { description }) };
}

function nameOf(reference: string): string {
  return (reference.split("/").at(-1) ?? "").replace(/[^A-Za-z0-9_.-]/g, "").slice(0, 60) || "The schema";
}

function examplesOf(schema: JsonObject): unknown[] {
  const all = [member(schema, "example"), ...listMember(schema, "examples"), member(schema, "default")];
  return all.filter((value) => value !== undefined);
}

function isNullable(schema: JsonObject): boolean {
  const { type, nullable } = schema;
  return (
    nullable === true || (Array.isArray(type) && type.includes("null")) || listMember(schema, "enum").includes(null)
  );
}

function kindOf(schema: JsonObject, place: Place): Shape {
  if ("const" in schema && isScalar(schema["const"])) return { kind: "choice", values: [schema["const"]] };
  const choices = [...new Set(listMember(schema, "enum").filter(isScalar))];
  if (choices.length > MOST_CHOICES)
    return choices.every((choice) => typeof choice === "string") ? { kind: "string" } : { kind: "any", of: "value" };
  if (choices.length > 0) return { kind: "choice", values: choices };
  const options = [listMember(schema, "oneOf"), listMember(schema, "anyOf")].find((list) => list.length > 0);
  if (options && !options.every(onlyLimits)) return unionOf(schema, options, place);
  const types = typesOf(schema);
  if (types.length > 1)
    return united(types.map((type) => shapeOf({ ...schema, type, description: undefined }, deeper(place))));
  switch (types[0]) {
    case "string":
      return stringOf(schema);
    case "integer":
    case "number":
      return { kind: "number", isInteger: types[0] === "integer", ...limitsOf(schema, types[0] === "integer") };
    case "boolean":
      return { kind: "boolean" };
    case "array":
      return listOf(schema, place);
    case "object":
      return objectOf(schema, place);
    default:
      return { kind: "any", of: "value" };
  }
}

const TYPES: ReadonlySet<unknown> = new Set(["string", "integer", "number", "boolean", "array", "object"]);

function typesOf(schema: JsonObject): string[] {
  const { type } = schema;
  const said = [type].flat().filter((each): each is string => TYPES.has(each));
  if (said.length > 0) return [...new Set(said)];
  const has = (...names: string[]) => names.some((name) => schema[name] !== undefined);
  if (has("properties", "additionalProperties")) return ["object"];
  if (has("items", "prefixItems")) return ["array"];
  if (has("pattern", "minLength", "maxLength", "format")) return ["string"];
  return has("minimum", "maximum", "multipleOf") ? ["number"] : [];
}

function anyOf(schema: JsonObject): ShapeKind {
  const [type] = typesOf(schema);
  return { kind: "any", of: type === "object" ? "object" : type === "array" ? "list" : "value" };
}

/** `oneOf: [{ required: ["a"] }, { required: ["b"] }]`: a rule between members, which only the service checks. */
function onlyLimits(option: unknown): boolean {
  return isObject(option) && Object.keys(option).every((keyword) => keyword === "required" || keyword === "not");
}

function unionOf(schema: JsonObject, options: readonly unknown[], place: Place): Shape {
  const { oneOf: _one, anyOf: _any, nullable: _nullable, description: _said, discriminator: _by, ...base } = schema;
  const isMore = ["properties", "required"].some((name) => base[name] !== undefined);
  const shapes = options
    .filter((option) => !isNull(option))
    .map((option) => shapeOf(isMore ? { allOf: [base, option] } : option, deeper(place)));
  const all = united(shapes);
  return options.some(isNull) ? { ...all, isNullable: true } : all;
}

function isNull(option: unknown): boolean {
  return member(option, "type") === "null" || member(option, "const") === null || String(member(option, "enum")) === "";
}

/** One shape of several: choices become one, and what says the same stands once. */
function united(parts: readonly Shape[]): Shape {
  const nullable = parts.some(({ isNullable: may }) => may);
  const shapes = parts.flatMap((part) => (part.kind === "union" ? part.options : [part]));
  const choices = shapes.flatMap((shape) => (shape.kind === "choice" ? shape.values : []));
  const others = shapes.filter((shape) => shape.kind !== "choice");
  const seen = new Map(others.map((shape) => [JSON.stringify({ ...shape, examples: [], description: "" }), shape]));
  const options: Shape[] = [
    ...(choices.length > 0 ? [{ kind: "choice" as const, values: [...new Set(choices)] }] : []),
    ...seen.values(),
  ];
  const [only, second] = options;
  if (!only) return { kind: "any", of: "value", isNullable: nullable };
  if (!second) return { ...only, isNullable: nullable };
  if (options.some((option) => option.kind === "any" && option.of === "value")) return { kind: "any", of: "value" };
  // What is said of an option would be lost in the sum; what may be null is said once.
  return {
    kind: "union",
    options: options.map((option) => ({ ...option, isNullable: false })),
    isNullable: nullable,
    note: options.find(({ note }) => note !== undefined)?.note,
  };
}

function stringOf(schema: JsonObject): Shape {
  const pattern = textMember(schema, "pattern");
  const format = textMember(schema, "format");
  return {
    kind: "string",
    ...lengths(schema, "minLength", "maxLength"),
    pattern: pattern === undefined ? undefined : readPattern(pattern),
    format: format !== undefined && /^[a-z][a-z0-9-]{1,30}$/.test(format) ? format : undefined,
  };
}

function lengths(schema: JsonObject, least: string, most: string) {
  const [min, max] = [least, most].map((name) => numberMember(schema, name));
  return { min: isCount(min) && min > 0 ? min : undefined, max: isCount(max) ? max : undefined };
}

function isCount(value: number | undefined): value is number {
  return value !== undefined && Number.isSafeInteger(value) && value >= 0;
}

function limitsOf(schema: JsonObject, isInteger: boolean): NumberLimits {
  const { exclusiveMinimum, exclusiveMaximum } = schema;
  const limit = (name: string) => {
    const value = numberMember(schema, name);
    return isInteger && !Number.isSafeInteger(value) ? undefined : value;
  };
  const [min, max, step] = [limit("minimum"), limit("maximum"), limit("multipleOf")];
  return {
    // In 3.0 a flag, from 3.1 on the limit itself.
    min: exclusiveMinimum === true ? undefined : min,
    max: exclusiveMaximum === true ? undefined : max,
    above: exclusiveMinimum === true ? min : limit("exclusiveMinimum"),
    below: exclusiveMaximum === true ? max : limit("exclusiveMaximum"),
    step: step !== undefined && step > 0 && step !== 1 ? step : undefined,
  };
}

function listOf(schema: JsonObject, place: Place): Shape {
  const examples = place.examples.flatMap((example) => (Array.isArray(example) ? example.slice(0, 5) : []));
  const inner = { ...deeper(place), examples };
  // A tuple: some providers refuse those, so any of its parts may stand anywhere.
  const parts = listMember(schema, "prefixItems");
  const item = parts.length > 0 ? united(parts.map((part) => shapeOf(part, inner))) : shapeOf(schema["items"], inner);
  if (item.kind === "any" && item.of === "value") return { kind: "any", of: "list", note: item.note };
  return { kind: "list", item, ...lengths(schema, "minItems", "maxItems"), note: item.note };
}

function objectOf(schema: JsonObject, place: Place): Shape {
  const fields = fieldsOf(schema, place);
  const { additionalProperties: extra } = schema;
  const rest = isObject(extra) && Object.keys(extra).length > 0 ? shapeOf(extra, deeper(place)) : undefined;
  const isTyped = rest !== undefined && !(rest.kind === "any" && rest.of === "value");
  if (fields.length > 0) return { kind: "object", fields, rest: isTyped ? rest : undefined };
  return isTyped ? { kind: "record", value: rest, note: rest.note } : { kind: "any", of: "object" };
}

function fieldsOf(schema: JsonObject, place: Place): Field[] {
  const required = new Set(listMember(schema, "required"));
  const settable = Object.entries(objectMember(schema, "properties")).filter(([name, property], index) => {
    if (index >= place.state.left && !required.has(name)) return false;
    if (!isObject(property)) return property !== false;
    const { schema: plain } = merged(place.state.document, property, place.trail);
    return plain["readOnly"] !== true && (plain["deprecated"] !== true || required.has(name));
  });
  const names = argumentNames(settable.map(([name]) => name));
  return settable.map(([apiName, property], index) => {
    const examples = place.examples.flatMap((example) => {
      const value = member(example, apiName);
      return value === undefined ? [] : [value];
    });
    const shape = shapeOf(property, { ...deeper(place), examples });
    // A default in a body would be written over what is there: the service sets its own.
    const { fallback, ...sent } = shape;
    const described = fallback === undefined ? sent : { ...sent, description: withDefault(sent.description, fallback) };
    return { name: names[index] ?? apiName, apiName, shape: described, isRequired: required.has(apiName) };
  });
}

function withDefault(description: string | undefined, fallback: unknown): string {
  const shown = oneLine(JSON.stringify(fallback), 40);
  return `${description === undefined ? "" : `${description} `}Default: ${shown}.`;
}

function deeper(place: Place): Place {
  return { ...place, depth: place.depth + 1 };
}

function isScalar(value: unknown): value is Scalar {
  return (
    typeof value === "string" || typeof value === "boolean" || (typeof value === "number" && Number.isFinite(value))
  );
}

/** Limits that no value can keep are none: an argument that refuses everything helps nobody. */
function loosened(shape: Shape): Shape {
  if (accepts(shape, sampleOf(shape))) return shape;
  const { description, isNullable: may, examples, note } = shape;
  const facts: ShapeFacts = { description, isNullable: may, examples, note };
  if (shape.kind === "string") return { kind: "string", ...facts };
  if (shape.kind === "number") return { kind: "number", isInteger: shape.isInteger, ...facts };
  if (shape.kind === "list") return { kind: "list", item: shape.item, ...facts };
  return shape;
}
