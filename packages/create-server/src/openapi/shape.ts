import type { Pattern } from "./pattern.ts";

/** What an argument may be, freed of everything in JSON Schema that some host or model does not take. */
export type Shape = ShapeFacts & ShapeKind;

export interface ShapeFacts {
  readonly isNullable?: boolean | undefined;
  readonly description?: string | undefined;
  readonly fallback?: unknown;
  /** Values that the description gives as examples; untested. */
  readonly examples?: readonly unknown[] | undefined;
  /** Why less is checked here than the description says. */
  readonly note?: string | undefined;
}

export type ShapeKind =
  | ({ readonly kind: "string"; readonly min?: number | undefined; readonly max?: number | undefined } & TextFacts)
  | ({ readonly kind: "number"; readonly isInteger: boolean } & NumberLimits)
  | { readonly kind: "boolean" }
  | { readonly kind: "choice"; readonly values: readonly Scalar[] }
  | {
      readonly kind: "list";
      readonly item: Shape;
      readonly min?: number | undefined;
      readonly max?: number | undefined;
    }
  | { readonly kind: "object"; readonly fields: readonly Field[]; readonly rest?: Shape | undefined }
  | { readonly kind: "record"; readonly value: Shape }
  | { readonly kind: "union"; readonly options: readonly Shape[] }
  /** Anything, or any object, or any list. */
  | { readonly kind: "any"; readonly of: "value" | "object" | "list" };

interface TextFacts {
  readonly pattern?: Pattern | undefined;
  readonly format?: string | undefined;
}

export interface NumberLimits {
  readonly min?: number | undefined;
  readonly max?: number | undefined;
  readonly above?: number | undefined;
  readonly below?: number | undefined;
  readonly step?: number | undefined;
}

export type Scalar = string | number | boolean;

export interface Field {
  /** In snake case, as the model sees it. */
  readonly name: string;
  /** As the API calls it. */
  readonly apiName: string;
  readonly shape: Shape;
  readonly isRequired: boolean;
}

/** The value as the API takes it: with the API's names. */
export function toApi(shape: Shape, value: unknown): unknown {
  if (shape.kind === "union") {
    const option = shape.options.find((each) => accepts(each, value));
    return option ? toApi(option, value) : value;
  }
  if (Array.isArray(value)) return shape.kind === "list" ? value.map((item) => toApi(shape.item, item)) : value;
  if (typeof value !== "object" || value === null) return value;
  if (shape.kind === "record")
    return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, toApi(shape.value, inner)]));
  if (shape.kind !== "object") return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => {
      const field = shape.fields.find((each) => each.name === name);
      return field ? [field.apiName, toApi(field.shape, inner)] : [name, inner];
    }),
  );
}

/** Whether a value, with our names, is one of the shape. */
export function accepts(shape: Shape, value: unknown): boolean {
  if (value === null) return shape.isNullable === true;
  switch (shape.kind) {
    case "string":
      return (
        typeof value === "string" &&
        value.length >= (shape.min ?? 0) &&
        value.length <= (shape.max ?? Number.POSITIVE_INFINITY) &&
        (shape.pattern === undefined || new RegExp(shape.pattern.source).test(value))
      );
    case "number":
      return typeof value === "number" && Number.isFinite(value) && isWithin(shape, value);
    case "boolean":
      return typeof value === "boolean";
    case "choice":
      return shape.values.some((each) => each === value);
    case "list":
      return (
        Array.isArray(value) &&
        value.length >= (shape.min ?? 0) &&
        value.length <= (shape.max ?? Number.POSITIVE_INFINITY) &&
        value.every((item) => accepts(shape.item, item))
      );
    case "object":
      return isPlain(value) && holds(shape, value);
    case "record":
      return isPlain(value) && Object.values(value).every((inner) => accepts(shape.value, inner));
    case "union":
      return shape.options.some((option) => accepts(option, value));
    case "any":
      return shape.of === "value" || (shape.of === "list" ? Array.isArray(value) : isPlain(value));
  }
}

function isWithin(limits: NumberLimits & { readonly isInteger: boolean }, value: number): boolean {
  const { isInteger, min, max, above, below, step } = limits;
  return (
    (!isInteger || Number.isSafeInteger(value)) &&
    (min === undefined || value >= min) &&
    (max === undefined || value <= max) &&
    (above === undefined || value > above) &&
    (below === undefined || value < below) &&
    (step === undefined || Number.isInteger(value / step))
  );
}

function holds(shape: { fields: readonly Field[]; rest?: Shape | undefined }, value: object): boolean {
  const entries = new Map<string, unknown>(Object.entries(value));
  for (const { name, shape: inner, isRequired } of shape.fields) {
    const found = entries.get(name);
    if (found === undefined ? isRequired : !accepts(inner, found)) return false;
    entries.delete(name);
  }
  const { rest } = shape;
  return rest ? [...entries.values()].every((inner) => accepts(rest, inner)) : entries.size === 0;
}

function isPlain(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
