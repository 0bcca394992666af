import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { resolveCredential } from "../src/credentials.ts";
import { scopeMemory } from "../src/scope-memory.ts";

const dir = () => mkdtempSync(join(tmpdir(), "scopes-"));
const token = (value: string) => resolveCredential("TOKEN", { env: { TOKEN: value }, onSecret: () => {} });
const quiet = { warn: vi.fn() };

test("what was remembered is recalled by the next process, for the same credential only", async () => {
  const state = dir();
  await scopeMemory(state, quiet).remember(token("first"), ["repo", "gist"]);
  const next = scopeMemory(state, quiet);
  expect(await next.recall(token("first"))).toEqual(["repo", "gist"]);
  expect(await next.recall(token("second"))).toBeUndefined();
  expect(await next.recall(resolveCredential("TOKEN", { env: {}, onSecret: () => {} }))).toBeUndefined();
  expect(readFileSync(join(state, "scopes.json"), "utf8")).not.toContain("first");
});

test("known scopes are not written again; the oldest credentials go", async () => {
  const state = dir();
  const memory = scopeMemory(state, quiet);
  for (let i = 0; i < 40; i++) await memory.remember(token(`t${i}`), ["a"]);
  const before = readFileSync(join(state, "scopes.json"), "utf8");
  await memory.remember(token("t39"), ["a"]);
  expect(readFileSync(join(state, "scopes.json"), "utf8")).toBe(before);
  expect(Object.keys((JSON.parse(before) as { credentials: object }).credentials)).toHaveLength(32);
  expect(await scopeMemory(state, quiet).recall(token("t39"))).toEqual(["a"]);
  expect(await scopeMemory(state, quiet).recall(token("t0"))).toBeUndefined();
});

test("a state folder that cannot be used only warns", async () => {
  const file = join(dir(), "not-a-folder");
  writeFileSync(file, "");
  const warn = vi.fn();
  const memory = scopeMemory(join(file, "state"), { warn });
  await memory.remember(token("x"), ["a"]);
  expect(await memory.recall(token("x"))).toBeUndefined();
  expect(warn).toHaveBeenCalled();
});
