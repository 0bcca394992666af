import type { ResourcePage } from "@mooring/core";
import { expect, test } from "vitest";
import { catalogOf } from "../../src/catalog/catalog.ts";
import type { Database } from "../../src/database.ts";
import { listSoon } from "../../src/demo/list-soon.ts";

const page = (name: string): ResourcePage => ({ resources: [{ uri: `pg://${name}`, name }] });

function demo() {
  const booted = Promise.withResolvers<void>();
  const database = { name: "demo" } as Database;
  const heard: string[] = [];
  let boots = 0;
  catalogOf(database).onChange(() => heard.push("changed"));
  const context = {
    databases: { names: ["demo"], get: () => database },
    boot: () => {
      boots += 1;
      return booted.promise;
    },
  } as never;
  return { context, booted, heard, boots: () => boots };
}

test("a list that answers in time is what it is, and starts nothing", async () => {
  const { context, heard, boots } = demo();
  const soon = listSoon(1_000);
  expect(await soon(async () => page("a"))(undefined, context)).toEqual(page("a"));
  expect(await soon(() => page("b"))(undefined, context)).toEqual(page("b"));
  expect([boots(), heard]).toEqual([0, []]);
});

test("one that waits for the start is empty, and its change is told once, when it has started", async () => {
  const { context, booted, heard, boots } = demo();
  const soon = listSoon(50);
  const never = () => new Promise<ResourcePage>(() => {});
  const began = performance.now();
  for (let i = 0; i < 3; i++) expect(await soon(never)(undefined, context)).toEqual({ resources: [] });
  // Only the first one has waited.
  expect(performance.now() - began).toBeLessThan(140);
  // What is known without a database is listed meanwhile.
  expect(await soon(() => page("health"))(undefined, context)).toEqual(page("health"));
  expect([boots(), heard]).toEqual([1, []]);
  booted.resolve();
  await expect.poll(() => heard).toEqual(["changed"]);
  expect(await soon(async () => page("a"))(undefined, context)).toEqual(page("a"));
  expect(boots()).toBe(1);
});

test("that it does not start is nothing that a list tells, nor is what fails too late", async () => {
  const { context, booted, heard } = demo();
  const soon = listSoon(20);
  const fails = Promise.withResolvers<ResourcePage>();
  expect(await soon(() => fails.promise)(undefined, context)).toEqual({ resources: [] });
  fails.reject(new Error("too late"));
  booted.reject(new Error("no room"));
  await expect.poll(() => heard).toEqual(["changed"]);
});

test("what fails in time is told", async () => {
  const { context } = demo();
  const failing = listSoon(1_000)(async () => {
    throw new Error("gone");
  });
  await expect(failing(undefined, context)).rejects.toThrow("gone");
});
