import { isObject, type JsonObject, listMember, member, objectMember } from "./json.ts";
import { OpenApiError } from "./openapi-error.ts";
import { resolve } from "./reference.ts";

const DEEPEST = 30;

/** A schema without `$ref` and `allOf`, and the references that led to it or are part of it. */
export interface Merged {
  readonly schema: JsonObject;
  readonly trail: readonly string[];
}

/** @throws OpenApiError for references that cannot be followed, and for schemas that are made of too many others */
export function merged(document: JsonObject, schema: unknown, trail: readonly string[], depth = 0): Merged {
  if (depth > DEEPEST) throw new OpenApiError("A schema's `allOf` is nested too deeply. Simplify the description.");
  const { value, references } = resolve(document, schema);
  if (!isObject(value)) return { schema: {}, trail };
  let visited = [...trail, ...references];
  let result: JsonObject = {};
  for (const part of listMember(value, "allOf")) {
    // What a part refers to a second time adds nothing, and may lead in circles.
    if (resolve(document, part).references.some((reference) => visited.includes(reference))) continue;
    const inner = merged(document, part, visited, depth + 1);
    visited = [...inner.trail];
    result = united(result, withoutOwnKinds(inner.schema, visited));
  }
  const { allOf: _, ...own } = value;
  return { schema: united(result, own), trail: visited };
}

/** A general schema often lists its kinds; for the kind that is made from it they mean nothing. */
function withoutOwnKinds(schema: JsonObject, trail: readonly string[]): JsonObject {
  const leadsBack = (part: unknown) => trail.includes(String(member(part, "$ref")));
  const { oneOf, anyOf, ...rest } = schema;
  const kept = Object.entries({ oneOf, anyOf }).filter(([, parts]) => Array.isArray(parts) && !parts.some(leadsBack));
  return { ...rest, ...Object.fromEntries(kept) };
}

function united(first: JsonObject, second: JsonObject): JsonObject {
  const names = [objectMember(first, "properties"), objectMember(second, "properties")] as const;
  const properties = new Map<string, unknown>(Object.entries(names[0]));
  for (const [name, property] of Object.entries(names[1]))
    properties.set(name, properties.has(name) ? { allOf: [properties.get(name), property] } : property);
  const required = [...listMember(first, "required"), ...listMember(second, "required")];
  return {
    ...first,
    ...second,
    ...(properties.size > 0 && { properties: Object.fromEntries(properties) }),
    ...(required.length > 0 && { required }),
  };
}
