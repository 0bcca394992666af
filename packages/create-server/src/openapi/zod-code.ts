import type { Code, Entry, Link } from "./code.ts";
import { call, key, list, literal, number, object, raw, text } from "./literals.ts";
import { mention } from "./plain-text.ts";
import type { Field, Scalar, Shape } from "./shape.ts";

/** An argument's schema as zod code, with its description. */
export function fieldEntry({ name, shape, isRequired }: Field, fallbackDescription: string): Entry {
  const described = describedAs(shape, fallbackDescription);
  const links: Link[] = [];
  if (shape.fallback !== undefined) links.push({ name: "default", parameters: [literal(shape.fallback)] });
  else if (!isRequired) links.push({ name: "optional", parameters: [] });
  links.push({ name: "describe", parameters: [text(described)] });
  return { key: name, value: extended(schemaCode(shape), links), comment: shape.note };
}

function describedAs(shape: Shape, fallbackDescription: string): string {
  const said = shape.description ?? fallbackDescription;
  const one = shape.kind === "list" ? shape.item : shape;
  const format = one.kind === "string" ? one.format : undefined;
  // Told rather than checked: services differ in what they take, and the patterns would cost every model tokens.
  if (format === undefined || UNTOLD.has(format) || said.toLowerCase().includes(format)) return said;
  return `${said} Format: ${format}.`;
}

const UNTOLD: ReadonlySet<string> = new Set(["string", "binary", "password", "int32", "int64"]);

/** The schema without optionality and description. */
export function schemaCode(shape: Shape): Code {
  if (!shape.isNullable) return bareCode(shape);
  return extended(isBare(shape) ? worded(shape) : bareCode(shape), [{ name: "nullable", parameters: [] }]);
}

/**
 * Whether its JSON Schema says a type and nothing else. Zod writes alternatives of such as a list of types, which some
 * providers refuse; a word on one of them keeps them apart.
 */
function isBare(shape: Shape): boolean {
  switch (shape.kind) {
    case "string":
      return shape.min === undefined && shape.max === undefined && shape.pattern === undefined;
    case "number":
      return !shape.isInteger && LIMITS.every((name) => shape[name] === undefined);
    case "boolean":
      return true;
    case "any":
      return shape.of === "object";
    default:
      return false;
  }
}

const LIMITS = ["min", "max", "above", "below", "step"] as const;

function worded(shape: Shape): Code {
  return extended(bareCode(shape), [{ name: "describe", parameters: [text(WORDS[shape.kind] ?? "A value.")] }]);
}

const WORDS: Readonly<Partial<Record<Shape["kind"], string>>> = {
  string: "A text.",
  number: "A number.",
  boolean: "True or false.",
  any: "An object.",
};

function bareCode(shape: Shape): Code {
  switch (shape.kind) {
    case "string":
      return zod(
        "string",
        [],
        [
          limit("min", shape.min),
          limit("max", shape.max),
          shape.pattern && { name: "regex", parameters: [pattern(shape.pattern.source)] },
        ],
      );
    case "number":
      return zod(
        shape.isInteger ? "int" : "number",
        [],
        [
          limit("min", shape.min),
          limit("max", shape.max),
          limit("gt", shape.above),
          limit("lt", shape.below),
          limit("multipleOf", shape.step),
        ],
      );
    case "boolean":
      return zod("boolean");
    case "choice":
      return choiceCode(shape.values);
    case "list":
      return zod("array", [schemaCode(shape.item)], [limit("min", shape.min), limit("max", shape.max)]);
    case "object":
      return objectCode(shape.fields, shape.rest);
    case "record":
      return zod("record", [zod("string"), schemaCode(shape.value)]);
    case "union":
      return unionCode(shape.options);
    case "any":
      return raw(ANY[shape.of]);
  }
}

function unionCode(options: readonly Shape[]): Code {
  const isPlain = options.every((option) => isBare(option) && !option.isNullable);
  const codes = options.map((option, index) => (isPlain && index === 0 ? worded(option) : schemaCode(option)));
  return zod("union", [list(codes)]);
}

const ANY = { value: "anyValue", object: "anyObject", list: "anyList" } as const;

function choiceCode(values: readonly Scalar[]): Code {
  // Each type for itself: JSON Schema would say a list of types, which some providers refuse.
  const byType = [...new Set(values.map((value) => typeof value))].map((type) =>
    values.filter((value) => typeof value === type),
  );
  const [only, second] = byType.map(literalsCode);
  return only && !second ? only : zod("union", [list(byType.map(literalsCode))]);
}

function literalsCode(values: readonly Scalar[]): Code {
  // `__proto__` would be lost in an enum's table of names.
  const areNames = values.every((value) => typeof value === "string" && value !== "__proto__");
  if (areNames && values.length > 1) return zod("enum", [list(values.map(literal))]);
  return zod("literal", [values.length === 1 ? literal(values[0]) : list(values.map(literal))]);
}

function objectCode(fields: readonly Field[], rest: Shape | undefined): Code {
  const members = object(fields.map((field) => fieldEntry(field, mention("Field", field.apiName))));
  const bare = rest
    ? zod("object", [members], [{ name: "catchall", parameters: [schemaCode(rest)] }])
    : zod("strictObject", [members]);
  const changed = fields.filter(({ name, apiName }) => name !== apiName);
  if (changed.length === 0) return bare;
  const names = object(changed.map(({ name, apiName }) => ({ key: key(name), value: text(apiName) })));
  return extended(bare, [{ name: "transform", parameters: [call("renamed", names)] }]);
}

function zod(name: string, parameters: readonly Code[] = [], more: readonly (Link | undefined)[] = []): Code {
  const links = more.filter((link) => link !== undefined);
  return { kind: "chain", start: "z", calls: [{ name, parameters }, ...links] };
}

function limit(name: string, value: number | undefined): Link | undefined {
  return value === undefined ? undefined : { name, parameters: [number(value)] };
}

function pattern(source: string): Code {
  return { kind: "text", text: `/${source.replaceAll("/", "\\/")}/`, is: "pattern" };
}

function extended(code: Code, links: readonly Link[]): Code {
  if (links.length === 0) return code;
  if (code.kind === "chain") return { ...code, calls: [...code.calls, ...links] };
  return { kind: "chain", start: code.kind === "text" ? code.text : "", calls: links };
}

/** The functions and constants of ours that the schemas' code uses. */
export function helpersOf(shapes: readonly Shape[]): ReadonlySet<string> {
  return new Set(shapes.flatMap(helpers));
}

function helpers(shape: Shape): string[] {
  switch (shape.kind) {
    case "any":
      return [ANY[shape.of]];
    case "list":
      return helpers(shape.item);
    case "record":
      return helpers(shape.value);
    case "union":
      return shape.options.flatMap(helpers);
    case "object": {
      const isRenamed = shape.fields.some(({ name, apiName }) => name !== apiName);
      const inner = [...shape.fields.map((field) => field.shape), ...(shape.rest ? [shape.rest] : [])];
      return [...(isRenamed ? ["renamed"] : []), ...inner.flatMap(helpers)];
    }
    default:
      return [];
  }
}
