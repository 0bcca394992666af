import { expect, test } from "vitest";
import { readSurface } from "../../src/compare/surface.ts";

test.for<[string, string, string]>([
  ["read.json", "{", "read.json in a folder is no JSON object: rewrite it by running the tests with -u."],
  ["read.json", "[]", "read.json in a folder is no JSON object"],
  ["read.json", "null", "read.json in a folder is no JSON object"],
  ["read.json", "{}", 'read.json in a folder is no tool\'s: it has no "name".'],
  ["server.surface.json", "7", "server.surface.json in a folder is no JSON object"],
])("%s with %j is refused", ([file, text, problem]) => {
  expect(() => readSurface(new Map([[file, text]]), "a folder")).toThrow(problem);
});

test("what shares a name with the language is a name like any other", () => {
  const { tools } = readSurface(new Map([["constructor.json", '{"name":"constructor"}']]), "a folder");
  expect([...tools.keys()]).toEqual(["constructor"]);
});
