import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { parseDocument, readDocument } from "../../src/openapi/read-document.ts";
import { OpenApiError } from "../../src/openapi/openapi-error.ts";

const folder = mkdtempSync(join(tmpdir(), "openapi-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test.for([
  ["JSON", '{ "openapi": "3.0.3", "paths": {} }'],
  ["JSON with a byte order mark", '\uFEFF{ "openapi": "3.0.3", "paths": {} }'],
  ["YAML", 'openapi: "3.0.3"\npaths: {}\n'],
  ["3.1", '{ "openapi": "3.1.0", "paths": {} }'],
])("%s is read", async ([, text]) => {
  expect(await parseDocument(text as string, "x")).toMatchObject({ paths: {} });
});

test.for([
  ["nothing", "", /^x is not an OpenAPI description: it is empty\. Name a file in JSON or YAML\.$/],
  ["broken JSON", '{ "openapi": ', /it is neither JSON nor YAML: /],
  ["broken YAML", "openapi: [", /it is neither JSON nor YAML: /],
  ["a list", "[]", /it holds no object/],
  ["a text", "hello", /it holds no object/],
  ["another JSON file", '{ "name": "x" }', /it has no text "openapi"/],
  ["a version that is a number", "openapi: 3.0", /it has no text "openapi"/],
  [
    "Swagger",
    '{ "swagger": "2.0" }',
    /Swagger 2\.0; OpenAPI 3\.0 and 3\.1 are understood\. Convert it.*swagger2openapi/,
  ],
  ["an unknown version", '{ "openapi": "4.0.0" }', /OpenAPI 4\.0\.0; 3\.0 and 3\.1 are understood/],
  ["a version that imitates", '{ "openapi": "3.10" }', /OpenAPI 3\.10;/],
  ["aliases that multiply", aliases(), /it is neither JSON nor YAML: .*alias/i],
] as const)("%s is refused", async ([, text, message]) => {
  const failure = await parseDocument(text, "x").catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(OpenApiError);
  expect((failure as Error).message).toMatch(message);
  expect((failure as Error).message).not.toMatch(/\n/);
});

function aliases(): string {
  const rows = Array.from({ length: 30 }, (_, i) => `a${i + 1}: &a${i + 1} [*a${i}, *a${i}, *a${i}, *a${i}]`);
  return `a0: &a0 [x]\n${rows.join("\n")}\n`;
}

test("a file that cannot be read says why, and what to do", async () => {
  await expect(readDocument(join(folder, "none.json"))).rejects.toThrow(/none\.json does not exist\. Name the file/);
  await expect(readDocument(folder)).rejects.toThrow(/is a directory/);
  await expect(readDocument("https://host.test/openapi.json")).rejects.toThrow(/is an address, not a file\. Download/);
  const good = join(folder, "good.yaml");
  writeFileSync(good, "openapi: 3.0.0\npaths: {}\n");
  expect(await readDocument(good)).toEqual({ openapi: "3.0.0", paths: {} });
});
