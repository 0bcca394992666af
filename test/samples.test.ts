import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { productServer, productServers } from "./product-servers.ts";

const folders = (path: string) =>
  readdirSync(join(import.meta.dirname, "..", path), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .sort();

test("every server and every template joins", () => {
  expect(productServers.map(({ name }) => name)).toEqual([
    ...folders("servers"),
    ...folders("packages/create-server/templates").map((name) => `template-${name}`),
  ]);
});

test.for(productServers)("$name says what it runs on", async (server) => {
  await using sample = await server.sample();
  expect(sample.call.contains).not.toBe("");
});

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "mooring-member-"));
  writeFileSync(join(folder, "package.json"), JSON.stringify({ bin: { "mooring-new": "./dist/bin.js" } }));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test("a server without a sample is told what to add", async () => {
  await expect(productServer(folder).sample()).rejects.toThrow("exports no sample: add test/sample.ts");
});

test("a sample that cannot start leaves no folder behind", async () => {
  const left = () => readdirSync(tmpdir()).filter((name) => name.startsWith(`mooring-${productServer(folder).name}-`));
  mkdirSync(join(folder, "test"));
  writeFileSync(
    join(folder, "test/sample.ts"),
    'export const sample = { call: {}, start: () => Promise.reject(new Error("no service")) };\n',
  );
  await expect(productServer(folder).sample()).rejects.toThrow("no service");
  expect(left()).toEqual([]);
});
