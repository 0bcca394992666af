import { expect, test } from "vitest";
import { memberSource, toolSource } from "./one-operation.ts";

const text = { type: "string" };
const schemas = {
  Text: text,
  Named: { type: "object", required: ["name"], properties: { name: { ...text, description: "Its name." } } },
  Tree: { type: "object", properties: { kids: { type: "array", items: { $ref: "#/components/schemas/Tree" } } } },
  Pet: { type: "object", oneOf: [{ $ref: "#/components/schemas/Cat" }], properties: { id: { type: "integer" } } },
  Cat: { allOf: [{ $ref: "#/components/schemas/Pet" }, { properties: { lives: { type: "integer" } } }] },
  Loop: { $ref: "#/components/schemas/Loop" },
};

test.for([
  ["limits of texts", { ...text, minLength: 1, maxLength: 5 }, "z.string().min(1).max(5)"],
  ["a quick pattern", { ...text, pattern: "^[a-z]{2,}$" }, "z.string().regex(/^[a-z]{2,}$/)"],
  ["a slow pattern", { ...text, pattern: "^(a+)+$" }, "z.string()"],
  ["a format that is refused", { ...text, format: "uri" }, "z.string()", "Format: uri."],
  ["choices", { enum: ["a", "b", "a"] }, 'z.enum(["a", "b"])'],
  ["one choice", { const: "a" }, 'z.literal("a")'],
  ["choices of numbers", { type: "integer", enum: [1, 2] }, "z.literal([1, 2])"],
  ["choices of several types", { enum: ["a", "b", 1] }, 'z.union([z.enum(["a", "b"]), z.literal(1)])'],
  ["limits of numbers", { type: "integer", minimum: 1, maximum: 9 }, "z.int().min(1).max(9)"],
  ["exclusive limits of 3.1", { type: "number", exclusiveMinimum: 0 }, "z.number().gt(0)"],
  ["exclusive limits of 3.0", { type: "number", maximum: 1, exclusiveMaximum: true }, "z.number().lt(1)"],
  ["limits that contradict", { type: "integer", minimum: 9, maximum: 1 }, "z.int()"],
  ["a step", { type: "number", multipleOf: 5 }, "z.number().multipleOf(5)"],
  ["null in 3.0", { type: "integer", nullable: true }, "z.int().nullable()"],
  ["null in 3.1", { type: ["integer", "null"] }, "z.int().nullable()"],
  ["null as an option", { anyOf: [{ type: "integer" }, { type: "null" }] }, "z.int().nullable()"],
  ["null of a bare type, kept apart", { type: ["string", "null"] }, 'z.string().describe("A text.").nullable()'],
  ["several types", { type: ["integer", "boolean"] }, "z.union([z.int(), z.boolean()])"],
  [
    "options",
    { oneOf: [{ type: "integer" }, { type: "array", items: text }] },
    "z.union([z.int(), z.array(z.string())])",
  ],
  ["one option", { oneOf: [{ type: "integer" }] }, "z.int()"],
  ["equal options", { anyOf: [{ type: "integer" }, { type: "integer" }] }, "z.int()"],
  [
    "options in options",
    { oneOf: [{ anyOf: [{ type: "integer" }, text] }, { type: "boolean" }] },
    "z.union([z.int(), z.string(), z.boolean()])",
  ],
  ["a list", { type: "array", items: text, minItems: 1, maxItems: 3 }, "z.array(z.string()).min(1).max(3)"],
  ["a tuple", { type: "array", prefixItems: [{ type: "integer" }, text] }, "z.array(z.union([z.int(), z.string()]))"],
  ["a list of anything", { type: "array" }, "anyList"],
  ["a record of texts", { type: "object", additionalProperties: text }, "z.record(z.string(), z.string())"],
  ["a record of anything", { type: "object", additionalProperties: true }, "anyObject"],
  ["anything", {}, "anyValue"],
  ["true as a schema", true, "anyValue"],
  ["a reference", { $ref: "#/components/schemas/Text" }, "z.string()"],
  ["an object", { $ref: "#/components/schemas/Named" }, 'z.strictObject({ name: z.string().describe("Its name.") })'],
  [
    "an object with more",
    { properties: { a: { ...text, description: "A." } }, additionalProperties: { type: "integer" } },
    'z.object({ a: z.string().optional().describe("A.") }).catchall(z.int())',
  ],
  [
    "other names",
    { properties: { firstName: { ...text, description: "F." } } },
    'z.strictObject({ first_name: z.string().optional().describe("F.") }).transform(renamed({ first_name: "firstName" }))',
  ],
  [
    "parts that are put together",
    {
      allOf: [
        { $ref: "#/components/schemas/Named" },
        { properties: { n: { type: "integer", description: "N." } }, required: ["n"] },
      ],
    },
    'z.strictObject({ name: z.string().describe("Its name."), n: z.int().describe("N.") })',
  ],
  [
    "options with common members",
    {
      properties: { a: { ...text, description: "A." } },
      oneOf: [{ properties: { b: { ...text, description: "B." } } }],
    },
    'z.strictObject({ a: z.string().optional().describe("A."), b: z.string().optional().describe("B.") })',
  ],
  [
    "options that only demand members",
    { properties: { a: { ...text, description: "A." } }, anyOf: [{ required: ["a"] }, { required: ["b"] }] },
    'z.strictObject({ a: z.string().optional().describe("A.") })',
  ],
  [
    "kinds of a general schema",
    { $ref: "#/components/schemas/Cat" },
    'z.strictObject({ id: z.int().optional().describe("Field `id`."), lives: z.int().optional().describe("Field `lives`.") })',
  ],
] as const)("%s", async ([, schema, code, said = "Field `it`."]) => {
  const source = (await memberSource(schema, schemas)).replace(/,(?=\})/g, "");
  const flat = (line: string) => line.replace(/\s+/g, "").replace(/,(?=[)}\]])/g, "");
  expect(flat(source)).toContain(flat(`it: ${code}.optional().describe(`));
  expect(source).toContain(said);
});

test("circles are cut where they begin again, with a word about it", async () => {
  expect(await memberSource({ $ref: "#/components/schemas/Tree" }, schemas)).toMatch(
    /\/\/ Tree again, which is not unfolded a second time\.\s*kids: z\.array\(anyObject\)/,
  );
});

test("read-only, deprecated and default members are left to the service", async () => {
  const source = await memberSource(
    {
      properties: {
        id: { ...text, readOnly: true },
        old: { ...text, deprecated: true },
        state: { ...text, default: "open" },
      },
    },
    schemas,
  );
  expect(source).not.toMatch(/\b(?:id|old):/);
  expect(source).toContain("state: z.string().optional().describe('Default: \"open\".')");
});

test.for([
  ["out of the file", "other.yaml#/X", /leads out of the file.*redocly/],
  ["to an address", "https://host.test/x.json", /leads out of the file/],
  ["to nothing", "#/components/schemas/None", /leads to nothing/],
  ["to JavaScript's own", "#/components/schemas/constructor", /leads to nothing/],
  ["to itself", "#/components/schemas/Loop", /leads back to itself/],
] as const)("a reference %s is refused", async ([, $ref, message]) => {
  await expect(memberSource({ $ref }, schemas)).rejects.toThrow(message);
});

test("schemas that unfold without end give a tool of a bearable size, soon", async () => {
  const wide = Object.fromEntries(
    Array.from({ length: 8 }, (_, level) => {
      const inner = level === 7 ? text : { $ref: `#/components/schemas/L${level + 1}` };
      return [`L${level}`, { properties: Object.fromEntries(Array.from({ length: 12 }, (_, i) => [`p${i}`, inner])) }];
    }),
  );
  const start = performance.now();
  const source = await memberSource({ $ref: "#/components/schemas/L0" }, wide);
  expect(performance.now() - start).toBeLessThan(3_000);
  expect(source.length).toBeLessThan(60_000);
  let deep: unknown = text;
  for (let i = 0; i < 2_000; i++) deep = { allOf: [deep] };
  await expect(memberSource(deep)).rejects.toThrow(/nested too deeply/);
});

test("a body that is no plain object is one argument", async () => {
  const body = (schema: unknown, required = true) =>
    toolSource({
      method: "post",
      operation: { requestBody: { required, content: { "application/json": { schema } } } },
      schemas,
    });
  expect(await body({ type: "array", items: text })).toMatch(
    /body: z\.array\(z\.string\(\)\)\.describe\("What is sent\."\)/,
  );
  expect(await body({ oneOf: [text, { type: "integer" }] })).toMatch(/body: z\.union\(/);
  // Left out as a whole it may be, in part not.
  expect(await body({ $ref: "#/components/schemas/Named" }, false)).toMatch(
    /body: z\s*\.strictObject\([\s\S]*\.optional\(\)/,
  );
  expect(await body({ $ref: "#/components/schemas/Named" })).toMatch(/run: \(body, \{ api, signal \}\) =>/);
});
