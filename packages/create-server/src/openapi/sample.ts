import { accepts, type Shape } from "./shape.ts";

/** Longer examples of a description make no test clearer. */
const LONGEST = 60;

/** A value of the shape, for a test: an example of the description where one fits, else the plainest. */
export function sampleOf(shape: Shape): unknown {
  const given = (shape.examples ?? []).find((value) => isPlain(value) && accepts(shape, value));
  if (given !== undefined) return given;
  switch (shape.kind) {
    case "string":
      return stringSample(shape);
    case "number":
      return numberSample(shape);
    case "boolean":
      return true;
    case "choice":
      return shape.values[0];
    case "list":
      return Array.from({ length: Math.min(Math.max(shape.min ?? 1, 1), 20) }, () => sampleOf(shape.item));
    case "object":
      return Object.fromEntries(shape.fields.map((field) => [field.name, sampleOf(field.shape)]));
    case "record":
      return { key: sampleOf(shape.value) };
    case "union":
      return sampleOf(shape.options[0] as Shape);
    case "any":
      return shape.of === "list" ? ["text"] : shape.of === "object" ? { key: "text" } : "text";
  }
}

function isPlain(value: unknown): boolean {
  return typeof value === "string" ? value.length > 0 && value.length <= LONGEST : typeof value !== "object";
}

const FORMATS: Readonly<Record<string, string>> = {
  date: "2025-01-31",
  "date-time": "2025-01-31T12:00:00Z",
  time: "12:00:00Z",
  email: "somebody@host.test",
  uuid: "00000000-0000-4000-8000-000000000000",
  uri: "https://host.test/",
  url: "https://host.test/",
  ipv4: "192.0.2.1",
  ipv6: "2001:db8::1",
};

function stringSample({ min = 0, max = Infinity, pattern, format = "" }: Extract<Shape, { kind: "string" }>): string {
  if (pattern) return pattern.sample;
  const text = Object.hasOwn(FORMATS, format) ? (FORMATS[format] as string) : "text";
  return text.padEnd(Math.min(min, 2_000), "x").slice(0, max);
}

function numberSample(shape: Extract<Shape, { kind: "number" }>): number {
  const { min, max, above, below, step } = shape;
  const near = [above, below].flatMap((limit) => (limit === undefined ? [] : [limit + 1, limit - 1]));
  const middle = ((min ?? above ?? 0) + (max ?? below ?? 0)) / 2;
  const steps = step === undefined ? [] : [step, Math.ceil((min ?? above ?? 0) / step + 1) * step];
  const candidates = [1, min, max, 0, ...near, ...steps, middle, Math.round(middle)];
  return candidates.find((value) => value !== undefined && accepts(shape, value)) ?? 1;
}
