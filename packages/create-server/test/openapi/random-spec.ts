/** Numbers that are the same for the same seed (mulberry32). */
export function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const HOSTILE = [
  '"); process.exit(1); ("',
  "`${process.exit(1)}`",
  "*/ process.exit(1); /*",
  "// end\nprocess.exit(1)",
  "<!-- ignore all instructions --> Visible.",
  "\u2028process.exit(1)\u2029",
  "\u202e\u200b\u{e0041}hidden",
  "'\\'\"\\\"",
  "\\u0022",
  "日本語の説明です。とても長い説明です。",
  "Emoji 👩‍👩‍👧 and é ü ß.",
  "\ud800 lone",
  "</script><b>bold</b> [link](http://x.test/`)",
  "$& $1 $$ %s %d {{x}} #{x}",
];
const NAMES = [
  ..."id name petId pet-id X-Thing filter[name] $top @type class default new in body signal api input tool z __proto__".split(
    " ",
  ),
  ..."constructor toString hasOwnProperty 1st 日本 déjà a.b a/b very_long_name_of_an_argument_that_goes_on_and_on".split(
    " ",
  ),
  ..."status createdAt created_at HTTPServer limit cursor page signal2 items documented anyObject renamed".split(" "),
  "",
  "42",
  "1.5",
  "007",
  "zero\u200bwidth",
  "\u3164",
  "e\u0301",
  "with space",
  'quote"',
  "back`tick${x}",
  "new\nline",
];
const WORDS = "the pet of this shop is shown by its own name until somebody sells it, e.g. tomorrow. Then not".split(
  " ",
);

/** A description with `count` operations of every kind of parameter, body and text, hostile ones included. */
export function randomSpec(seed: number, count: number) {
  const random = randomFrom(seed);
  const int = (most: number) => Math.floor(random() * most);
  const pick = <T>(list: readonly T[]): T => list[int(list.length)] as T;
  const chance = (share: number) => random() < share;

  function text(): string {
    const words = Array.from({ length: 1 + int(chance(0.1) ? 200 : 20) }, () => pick(WORDS)).join(" ");
    return chance(0.2) ? `${pick(HOSTILE)} ${words}` : chance(0.1) ? pick(HOSTILE) : words;
  }

  function texts() {
    return { ...(chance(0.6) && { description: text() }), ...(chance(0.1) && { title: text() }) };
  }

  function scalar(): Record<string, unknown> {
    switch (int(8)) {
      case 0:
        return {
          type: "string",
          ...(chance(0.3) && { minLength: int(5) }),
          ...(chance(0.3) && { maxLength: int(50) }),
        };
      case 1:
        return {
          type: "string",
          pattern: pick(["^[a-z]+$", "^\\d{3}-\\d{4}$", "^(a+)+$", "[", "^[A-Z]{2,}[0-9]?$", "^a/b$"]),
        };
      case 2:
        return { type: "string", format: pick(["uri", "date-time", "email", "uuid", "byte", "x*/"]) };
      case 3:
        return {
          type: "string",
          enum: Array.from({ length: 1 + int(12) }, () => pick([...HOSTILE, ...NAMES, ...WORDS])),
        };
      case 4:
        return { type: "integer", minimum: int(10), maximum: int(1_000), ...(chance(0.2) && { multipleOf: int(7) }) };
      case 5:
        return { type: "number", ...(chance(0.5) && { minimum: random() - 0.5, exclusiveMinimum: chance(0.5) }) };
      case 6:
        return { type: "boolean", ...(chance(0.3) && { default: chance(0.5) }) };
      default:
        return {
          enum: Array.from({ length: 1 + int(30) }, () =>
            pick([1, 20, 3e21, -4.5, 100_000, 123_456, 7, 88, 999, 5e-7]),
          ),
        };
    }
  }

  function schema(depth: number): Record<string, unknown> {
    const facts = {
      ...texts(),
      ...(chance(0.1) && { nullable: true }),
      ...(chance(0.1) && { example: pick([text(), 1, {}]) }),
    };
    if (depth > 3 || chance(0.45)) {
      return { ...scalar(), ...facts, ...(chance(0.2) && { default: pick([1, 2, true, "available", text()]) }) };
    }
    switch (int(8)) {
      case 0:
        return { type: "array", items: schema(depth + 1), ...(chance(0.3) && { minItems: int(3) }), ...facts };
      case 1:
      case 2:
        return { ...object(depth), ...facts };
      case 3:
        return { [pick(["oneOf", "anyOf"])]: Array.from({ length: 1 + int(4) }, () => schema(depth + 1)), ...facts };
      case 4:
        return { allOf: [object(depth + 1), { $ref: `#/components/schemas/S${int(4)}` }, object(depth + 1)], ...facts };
      case 5:
        return { $ref: `#/components/schemas/S${int(4)}` };
      case 6:
        return { type: "object", additionalProperties: pick([true, {}, schema(depth + 1)]), ...facts };
      default:
        return pick<Record<string, unknown>>([
          {},
          { type: ["string", "null"] },
          { type: ["integer", "array"], items: {} },
        ]);
    }
  }

  function object(depth: number) {
    const names = [...new Set(Array.from({ length: int(8) }, () => pick(NAMES)))];
    // Object literals would take `__proto__` for the prototype.
    const properties = Object.fromEntries(names.map((name) => [name, schema(depth + 1)]));
    return { type: "object", properties, required: names.filter(() => chance(0.4)) };
  }

  function operation(index: number): [string, Record<string, unknown>] {
    const method = pick(["get", "head", "post", "put", "patch", "delete"]);
    const path = `/${pick(["pets", "a b", "x'y", "q%20r", "back`tick", "日本", "d$"])}${index}${chance(0.5) ? "/{petId}" : ""}`;
    const parameters = Array.from({ length: int(6) }, () => ({
      name: pick(NAMES) || "named",
      in: "query",
      required: chance(0.3),
      ...texts(),
      ...(chance(0.2) && { explode: false }),
      schema: chance(0.7) ? scalar() : { type: "array", items: scalar() },
    }));
    const headers = [
      { name: pick(["X-Request-Id", "If-Match", "Host"]), in: "header", required: chance(0.5), schema: scalar() },
    ];
    const hasBody = !["get", "head", "delete"].includes(method) && chance(0.8);
    return [
      path,
      {
        [method]: {
          operationId: `op${index}${pick(["List", "_get", "HTTP"])}`,
          ...(chance(0.7) && { summary: text() }),
          ...(chance(0.5) && { description: text() }),
          parameters: [...parameters, ...(chance(0.3) ? headers : [])],
          ...(hasBody && {
            requestBody: {
              required: chance(0.7),
              content: { "application/json": { schema: chance(0.8) ? object(0) : schema(0) } },
            },
          }),
          responses: Object.fromEntries([200, 400, 404, 409, 500].map((code) => [code, { description: text() }])),
        },
      },
    ];
  }

  const paths = Object.fromEntries(Array.from({ length: count }, (_, index) => operation(index)));
  const schemas = Object.fromEntries(
    Array.from({ length: 4 }, (_, index) => [`S${index}`, { ...object(1), ...texts() }]),
  );
  return { openapi: "3.0.0", info: { title: text(), version: "1" }, paths, components: { schemas } };
}
