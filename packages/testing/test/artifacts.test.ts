import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { keep, keepArtifacts } from "../src/artifacts.ts";

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), "mooring-artifacts-"));
  vi.stubEnv("TEST_ARTIFACTS", folder);
  vi.spyOn(console, "error").mockImplementation(() => {});
});
afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
  rmSync(folder, { recursive: true, force: true });
});

/** Begins a test as vitest would; the returned function lets it fail. */
function begin(name: string): () => Promise<void> {
  let fail: () => Promise<void> = () => Promise.resolve();
  const file = { name: "some.test.ts" };
  keepArtifacts({
    task: { name, suite: { name: "a suite" }, file },
    onTestFailed: (listener) => void (fail = listener),
  });
  return () => fail();
}

function written(): Record<string, string> {
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".log"));
  return Object.fromEntries(files.map((name) => [name, readFileSync(path.join(folder, name), "utf8")]));
}

test("a failing test leaves what is running and what ended during it", async () => {
  const server = keep("postgres.log", () => "ready");
  const fail = begin('says "no" / why?');
  const client = keep("stderr.log", () => Promise.resolve("oops"));
  await client();
  await fail();
  const into = "some.test.ts-a-suite-says-no-why";
  expect(written()).toEqual({ [`${into}/postgres.log`]: "ready", [`${into}/stderr.log`]: "oops" });
  await server();
});

test("what ended with an earlier test is not kept", async () => {
  begin("first");
  await keep("stderr.log", () => "old")();
  const fail = begin("second");
  await fail();
  expect(written()).toEqual({});
});

test("two of one name are two files", async () => {
  const fail = begin("two");
  await keep("stderr.log", () => "one")();
  await keep("stderr.log", () => "two")();
  await fail();
  expect(Object.values(written()).toSorted()).toEqual(["one", "two"]);
});

test("a log that cannot be read does not hide the others", async () => {
  const fail = begin("broken");
  await keep("a.log", () => Promise.reject(new Error("gone")))();
  await keep("b.log", () => "there")();
  await fail();
  expect(Object.values(written())).toEqual(["(not available: Error: gone)", "there"]);
});
