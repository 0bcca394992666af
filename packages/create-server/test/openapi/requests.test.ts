import { expect, test } from "vitest";
import { generated, querySource, toolSource } from "./one-operation.ts";

const list = { type: "array", items: { type: "string" } };

test.for([
  [
    "a default",
    { schema: { type: "integer", default: 5 } },
    'it: z.int().default(5).describe("Query parameter `it`.")',
    "query: { it }",
  ],
  [
    "a default of another type",
    { schema: { type: "integer", default: "5" } },
    "it: z.int().optional()",
    "query: { it }",
  ],
  ["a list, repeated", { schema: list }, "it: z.array(z.string()).optional()", "query: { it }"],
  ["a list in one value", { schema: list, explode: false }, "it: z.array(z.string())", 'query: { it: it?.join(",") }'],
  [
    "a list with bars",
    { schema: list, style: "pipeDelimited", required: true },
    "it: z.array(z.string())",
    'query: { it: it.join("|") }',
  ],
  ["anything", { schema: {} }, "it: z.string()", "query: { it }"],
  [
    "JSON",
    { content: { "application/json": { schema: { properties: { a: { type: "string" } } } } } },
    "it: z",
    "query: { it: JSON.stringify(it) }",
  ],
  [
    "members of an object",
    { schema: { properties: { aB: { type: "string" } } } },
    "a_b: z.string()",
    "query: { aB: a_b }",
  ],
  [
    "a deep object",
    { style: "deepObject", schema: { properties: { a: { type: "string" } } } },
    "it_a: z.string()",
    '"it[a]": it_a',
  ],
] as const)("%s in the query", async ([, parameter, input, query]) => {
  const source = await querySource(parameter);
  expect(source).toContain(input);
  expect(source).toContain(query);
});

test("paths are encoded, and an empty name is no name", async () => {
  const source = await toolSource({
    path: "/a b/{it}/`${x}/{ids}",
    operation: { parameters: [{ name: "ids", in: "path", schema: list }] },
  });
  expect(source).toContain("it: z.string().min(1)");
  expect(source).toContain("ids: z.array(z.string().min(1)).min(1)");
  expect(source).toContain(
    '`/a%20b/${encodeURIComponent(it)}/%60$${encodeURIComponent(x)}/${encodeURIComponent(ids.join(","))}`',
  );
});

test.for([
  ["/a/../b", /does not name one place/],
  ["/a/%2e%2E/b", /does not name one place/],
  ["/a?b=c", /has a query or fragment/],
  ["/a#b", /has a query or fragment/],
] as const)("the path %s is refused", async ([path, message]) => {
  await expect(generated({ path })).rejects.toThrow(message);
});

test("headers are texts, and those of the client are nobody's argument", async () => {
  const header = (name: string, type: string) => ({ name, in: "header", required: true, schema: { type } });
  const source = await toolSource({
    operation: {
      parameters: [
        header("If-Match", "string"),
        header("X-Count", "integer"),
        header("Authorization", "string"),
        header("X-Key", "string"),
        header("Host", "string"),
      ],
    },
    document: { components: { securitySchemes: { key: { type: "apiKey", in: "header", name: "X-Key" } } } },
  });
  expect(source).toContain('headers: { "If-Match": if_match, "X-Count": x_count.toString() }');
  expect(source).toContain("if_match: z\n      .string()\n      .regex(/^[ -~]*$/)");
  expect(source).not.toMatch(/authorization|x_key|host/i);
});

test("words of JavaScript and the file's own names are members of the input", async () => {
  const names = ["class", "api", "signal", "body", "z"].map((name) => ({
    name,
    in: "query",
    schema: { type: "string" },
  }));
  const source = await toolSource({ operation: { parameters: names } });
  expect(source).toMatch(/run: \(input, \{ api, signal \}\) =>/);
  expect(source).toContain("class: input.class");
});

test("a body whose members have names of parameters is one argument", async () => {
  const schema = { type: "object", properties: { petId: { type: "string" } } };
  const source = await toolSource({
    method: "put",
    path: "/pets/{pet_id}",
    operation: { requestBody: { required: true, content: { "application/json": { schema } } } },
  });
  expect(source).toMatch(/body: z\s*\.strictObject\(\{ pet_id:/);
  expect(source).toContain("run: ({ pet_id, body }, { api, signal }) =>");
});

test.for([
  [
    "multipart/form-data",
    /takes a body of the type multipart\/form-data; only JSON is written\. Leave the operation out/,
  ],
  ["text/plain", /takes a body of the type text\/plain/],
] as const)("a body of the type %s is refused, or left out where it may be", async ([type, message]) => {
  const operation = (required: boolean) => ({ requestBody: { required, content: { [type]: {} } } });
  await expect(generated({ method: "post", operation: operation(true) })).rejects.toThrow(message);
  const { notes } = await generated({ method: "post", operation: operation(false) });
  expect(notes).toContainEqual(expect.stringContaining(`a body of the type ${type} is left out`));
});

test.for([
  ["a cookie", { name: "sid", in: "cookie" }, /stands in a cookie/],
  [
    "an object of objects",
    { name: "it", in: "query", schema: { properties: { a: { properties: { b: {} } } } } },
    /is an object of objects/,
  ],
  ["a matrix", { name: "it", in: "path", style: "matrix" }, /written in the style matrix/],
  ["a header that is none", { name: "a b", in: "header" }, /is no name of a header/],
] as const)("%s is refused where it is needed, else left out", async ([, parameter, message]) => {
  const path = "/things/{it}";
  const made = (required: boolean) => generated({ path, operation: { parameters: [{ ...parameter, required }] } });
  await expect(made(true)).rejects.toThrow(message);
  if (parameter.in === "path") return;
  expect((await made(false)).notes).toContainEqual(expect.stringMatching(message));
});

test.for([
  ["get", "read", false],
  ["head", "read", false],
  ["post", "write", false],
  ["patch", "write", false],
  ["put", "write", true],
  ["delete", "destructive", true],
] as const)("%s has the access %s", async ([method, access, isIdempotent]) => {
  const source = await toolSource({ method });
  expect(source).toContain(`access: "${access}",`);
  expect(source.includes("idempotent: true")).toBe(isIdempotent);
  expect(source.includes("question: ")).toBe(access === "destructive");
});

test("a person who is asked sees every argument", async () => {
  const force = { name: "force", in: "query", schema: { type: "boolean" } };
  const source = (parameters: object[]) =>
    toolSource({ method: "delete", path: "/things/{id}", operation: { parameters } });
  expect(await source([])).toContain("question: ({ id }) => ({ target: `id ${id}`, effect:");
  expect(await source([force])).toContain("question: (input) => ({ target: JSON.stringify(input), effect:");
});

test("documented failures stand in a table, unless they say nothing", async () => {
  const responses = {
    200: { description: "Fine." },
    404: { description: "No such thing. Ask." },
    400: { description: "Bad request" },
    default: { description: "Else." },
  };
  expect(await toolSource({ operation: { responses } })).toContain('const STATUSES = { 404: "No such thing." };');
  expect(await toolSource({ operation: { responses: { 500: { description: "Error" } } } })).not.toContain("STATUSES");
});

test("descriptions are short and plain", async () => {
  const operation = { summary: "List things.", description: `List things! <!-- obey --> ${"and obey ".repeat(500)}` };
  const [, description = ""] = /description:\s+"(.*)",/.exec(await toolSource({ operation })) ?? [];
  expect(description.length).toBeLessThanOrEqual(300);
  expect(description).toMatch(/^List things/);
  expect(description).not.toContain("<!--");
});
