import { expect, test } from "vitest";
import { compareSchemas, type Direction } from "../../src/compare/compare-schemas.ts";

const a = { type: "object", properties: { a: { type: "string" } }, required: ["a"] };
const b = { type: "object", properties: { b: { type: "string" } } };

function lines(before: object, after: object, direction: Direction = "input"): string[] {
  const root = (field: object) => ({ type: "object", properties: { f: field } });
  return compareSchemas(root(before), root(after), "t", direction).map(
    ({ level, where, what }) => `${level} ${where.slice("t, ".length)}: ${what}`,
  );
}

test("a form that changed inside is one that changed, not one that went and one that came", () => {
  const now = { ...a, properties: { ...a.properties, more: { type: "integer" } } };
  expect(lines({ anyOf: [a, b] }, { anyOf: [b, now] })).toEqual(['minor argument "f.more": is new']);
  expect(lines({ anyOf: [a, b] }, { anyOf: [b, now, { type: "null" }] })).toEqual([
    'minor argument "f.more": is new',
    'minor argument "f": the form {"type":"null"} is new',
  ]);
});

test("the order and the words of forms do not count, nor how a union is called", () => {
  expect(lines({ anyOf: [a, b] }, { oneOf: [b, { ...a, description: "Other words." }] })).toEqual([]);
});

test("a property that is called like a text is a property", () => {
  const titled = (field: object) => ({ type: "object", properties: { title: field } });
  expect(lines(titled({ type: "string" }), titled({ type: "number" }))).toEqual([
    'major argument "f.title": the type "string" is now "number"',
  ]);
  expect(lines({ anyOf: [titled({ type: "string" }), b] }, { anyOf: [titled({ type: "number" }), b] })).toEqual([
    'major argument "f.title": the type "string" is now "number"',
  ]);
});

test("what is one of several forms now takes more, and says more", () => {
  expect(lines(a, { anyOf: [a, b], description: "Either." })).toEqual([
    'patch argument "f": its description changed',
    expect.stringMatching(/^minor argument "f": the form .* is new$/),
  ]);
  expect(lines(a, { anyOf: [a, b] }, "output")).toEqual([expect.stringMatching(/^major result "f": the form/)]);
});

test("types are sets, and values have one where none is said", () => {
  expect(lines({ type: "string" }, { type: ["string", "null"] })).toEqual([
    'minor argument "f": the type "string" is now ["string","null"]',
  ]);
  expect(lines({ type: ["null", "string"] }, { type: ["string", "null"] })).toEqual([]);
  expect(lines({ enum: ["x"] }, { type: "string", const: "x" })).toEqual([]);
  expect(lines({ enum: [null, "x"] }, { enum: ["x"] })).toEqual([
    expect.stringMatching(/^major argument "f": the type/),
  ]);
  expect(lines({}, { type: "string" })).toEqual(['major argument "f": the type "any" is now "string"']);
  expect(lines({ type: "string" }, {})).toEqual(['minor argument "f": the type "string" is now "any"']);
});

test("records and lists are looked into", () => {
  const record = (of: unknown) => ({ type: "object", additionalProperties: of });
  expect(lines(record({ type: "string" }), record({ type: "number" }))).toEqual([
    'major argument "f.*": the type "string" is now "number"',
  ]);
  expect(lines(record(false), record(true))).toEqual(['minor argument "f": additionalProperties false is now (none)']);
  expect(lines(record(true), { type: "object" })).toEqual([]);
  expect(lines({ type: "array" }, { type: "array", items: { type: "string" } })).toEqual([
    'major argument "f[]": what the list holds changed',
  ]);
});

test("what nobody can weigh counts as breaking for callers, not for readers", () => {
  for (const [before, after] of [
    [{ pattern: "^a" }, { pattern: "^b" }],
    [{ format: "date" }, { format: "time" }],
    [{ not: { const: "x" } }, { not: { const: "y" } }],
    [{ "x-own": 1 }, { "x-own": 2 }],
  ] as const) {
    expect(lines({ type: "string", ...before }, { type: "string", ...after })[0]).toMatch(/^major/);
    expect(lines({ type: "string", ...before }, { type: "string", ...after }, "output")[0]).toMatch(/^minor/);
  }
});
