import { isObject, type JsonObject, member, textMember } from "./json.ts";
import { OpenApiError } from "./openapi-error.ts";
import { oneLine } from "./plain-text.ts";

const MOST_STEPS = 50;

/** What a value stands for: itself, or what its `$ref` leads to, and the references on the way. */
export interface Resolved {
  readonly value: unknown;
  readonly references: readonly string[];
}

/** @throws OpenApiError for a reference out of the document, to nothing, or in a circle */
export function resolve(document: JsonObject, value: unknown): Resolved {
  const references: string[] = [];
  let current = value;
  for (let reference = textMember(current, "$ref"); reference !== undefined; reference = textMember(current, "$ref")) {
    if (references.includes(reference) || references.length > MOST_STEPS)
      throw new OpenApiError(`The reference ${shown(reference)} leads back to itself. Correct the description.`);
    references.push(reference);
    const target = lookUp(document, reference);
    // From 3.1 on a description may stand beside a reference, and says more about this place.
    const description = textMember(current, "description");
    current = description !== undefined && isObject(target) ? { ...target, description } : target;
  }
  return { value: current, references };
}

/** The same, where only the value matters; an empty object for anything else than one. */
export function resolvedObject(document: JsonObject, value: unknown): JsonObject {
  const resolved = resolve(document, value).value;
  return isObject(resolved) ? resolved : {};
}

function lookUp(document: JsonObject, reference: string): unknown {
  if (!reference.startsWith("#"))
    throw new OpenApiError(
      `The reference ${shown(reference)} leads out of the file, which is not followed. ` +
        "Bundle the description into one file first, for example with `npx @redocly/cli bundle FILE`.",
    );
  if (reference !== "#" && !reference.startsWith("#/")) throw missing(reference);
  let found: unknown = document;
  for (const token of reference.split("/").slice(1)) {
    const name = decoded(token).replaceAll("~1", "/").replaceAll("~0", "~");
    found = Array.isArray(found) ? found[/^\d+$/.test(name) ? Number(name) : -1] : member(found, name);
    if (found === undefined) throw missing(reference);
  }
  return found;
}

function decoded(token: string): string {
  try {
    return decodeURIComponent(token);
  } catch {
    return token;
  }
}

function missing(reference: string): OpenApiError {
  return new OpenApiError(`The reference ${shown(reference)} leads to nothing. Correct the description.`);
}

function shown(reference: string): string {
  return JSON.stringify(oneLine(reference, 120));
}
