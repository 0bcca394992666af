import { expect, test } from "vitest";
import { isTemplate, uriMatcher } from "../src/uri-template.ts";

test.for([
  ["note://{name}", "note://one", { name: "one" }],
  ["note://{name}", "note://", undefined],
  ["note://{name}", "note://a/b", undefined],
  ["note://{name}", "other://one", undefined],
  ["pg://{db}/table/{schema}.{table}", "pg://main/table/public.a.b", { db: "main", schema: "public", table: "a.b" }],
  [
    "pg://{db}/table/{schema}.{table}",
    "pg://main/table/my%20schema.t%C3%A4g",
    { db: "main", schema: "my schema", table: "täg" },
  ],
  ["pg://{db}/table/{schema}.{table}", "pg://main/table/public", undefined],
  [
    "repo://{owner}/{repo}/contents/{+path}",
    "repo://o/r/contents/a/b%20c.md",
    { owner: "o", repo: "r", path: "a/b c.md" },
  ],
  ["repo://{owner}/{+path}/raw", "repo://o/a/raw/b/raw", { owner: "o", path: "a/raw/b" }],
  ["file:///{+path}", "file:///srv/x", { path: "srv/x" }],
  ["slack://channel/{id}", "slack://channel/C1?x", { id: "C1?x" }],
  ["a://{x}/b", "a://1/b/c", undefined],
  ["a://{x}", "a://%FF", { x: "%FF" }],
  ["a://{x}", `a://${"x".repeat(20_000)}`, undefined],
] as const)("%s: %s", ([template, uri, found]) => {
  expect(uriMatcher(template)(uri)).toEqual(found);
});

test("hostile URIs take no time", () => {
  const started = performance.now();
  for (const text of [".".repeat(16_000), "a.".repeat(8_000), "/".repeat(16_000)]) {
    uriMatcher("pg://{db}/table/{schema}.{table}")(`pg://a/table/${text}/`);
    uriMatcher("a://{+x}.{+y}.{z}")(`a://${text}`);
  }
  expect(performance.now() - started).toBeLessThan(200);
});

test("a template that could not be matched is refused when it is made", () => {
  for (const template of ["x://{a}{b}", "x://{/path*}", "x://{?q}", "x://{a,b}", "x://{}"])
    expect(() => uriMatcher(template)).toThrow(/the template has/);
  expect([isTemplate("x://{a}"), isTemplate("x://a")]).toEqual([true, false]);
});
