import { expect, test } from "vitest";
import { generated } from "./one-operation.ts";

test.for([
  [[{ url: "https://api.test/v1/" }], "https://api.test/v1"],
  [[{ url: "https://{region}.api.test", variables: { region: { default: "eu" } } }], "https://eu.api.test"],
  [[{ url: "https://{region}.api.test" }], undefined],
  [[{ url: "/v1" }], undefined],
  [[{ url: "javascript:alert(1)" }], undefined],
  [[{ url: "https://user:password@api.test" }], undefined],
  [[{ url: "https://api.test/?a=b" }], undefined],
  [[], undefined],
] as const)("of the servers %j the base is %s", async ([servers, baseUrl]) => {
  const made = await generated({ document: { servers } });
  expect(made.baseUrl).toBe(baseUrl);
  expect(made.notes.some((note) => note.includes("--url has no default"))).toBe(baseUrl === undefined);
});

const schemes = {
  bearer: { type: "http", scheme: "Bearer" },
  basic: { type: "http", scheme: "basic" },
  digest: { type: "http", scheme: "digest" },
  oauth: { type: "oauth2", flows: {} },
  header: { type: "apiKey", in: "header", name: "X-Key" },
  query: { type: "apiKey", in: "query", name: "key" },
  bad: { type: "apiKey", in: "header", name: "X\r\nKey" },
};

test.for([
  [undefined, { kind: "none" }],
  [[], { kind: "none" }],
  [[{}], { kind: "none" }],
  [[{ bearer: [] }], { kind: "bearer" }],
  [[{ oauth: ["read"] }], { kind: "bearer" }],
  [[{ basic: [] }], { kind: "basic" }],
  [[{ header: [] }], { kind: "header", name: "X-Key" }],
  [[{ query: [] }, { header: [] }], { kind: "header", name: "X-Key" }],
  [[{ query: [] }], { kind: "unsupported", note: "it wants a key in the query" }],
  [[{ digest: [] }], { kind: "unsupported", note: "it wants http digest" }],
  [[{ bearer: [], header: [] }], { kind: "unsupported", note: "it wants several credentials at once" }],
  [[{ bad: [] }], { kind: "unsupported", note: "it wants a key in the header" }],
  [[{ toString: [] }], { kind: "unsupported", note: "it wants nothing" }],
] as const)("the security %j is %j", async ([security, auth]) => {
  const made = await generated({ operation: { security }, document: { components: { securitySchemes: schemes } } });
  expect(made.auth).toEqual(auth);
  expect(made.notes.some((note) => note.includes("credential is not sent"))).toBe(auth.kind === "unsupported");
});

test("an operation's own security counts before the description's", async () => {
  const document = { security: [{ basic: [] }], components: { securitySchemes: schemes } };
  expect((await generated({ document })).auth).toEqual({ kind: "basic" });
  expect((await generated({ document, operation: { security: [] } })).auth).toEqual({ kind: "none" });
});
