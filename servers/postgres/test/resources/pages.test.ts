import { expect, test } from "vitest";
import type { Database, Databases } from "../../src/database.ts";
import { pageOver } from "../../src/resources/pages.ts";
import { fakeDatabase, snapshotRows } from "../catalog/fake-database.ts";

const names = (count: number, prefix: string) =>
  Array.from({ length: count }, (_, i) => ["public", `${prefix}${i}`] as const);

function databasesOf(...all: Database[]): Databases {
  return {
    names: all.map(({ name }) => name),
    get: (name) => all.find((each) => each.name === name) as Database,
    close: async () => {},
  };
}

const page = (databases: Databases, cursor?: string) =>
  pageOver(
    databases,
    cursor,
    (database, { objects }) =>
      objects.map(({ name }) => ({ name: `${database}.${name}`, uri: `pg://${database}/${name}` })),
    new AbortController().signal,
  );

test("pages go through all databases, each resource once", async () => {
  const databases = databasesOf(
    fakeDatabase("a", () => snapshotRows("1", names(150, "x"))),
    fakeDatabase("b", () => snapshotRows("1", [])),
    fakeDatabase("c", () => snapshotRows("1", names(70, "y"))),
  );
  const sizes: number[] = [];
  const seen = new Set<string>();
  let cursor: string | undefined;
  do {
    const { resources, nextCursor } = await page(databases, cursor);
    sizes.push(resources.length);
    for (const { uri } of resources) seen.add(uri);
    cursor = nextCursor;
  } while (cursor !== undefined);
  expect(sizes).toEqual([100, 100, 20]);
  expect(seen.size).toBe(220);
});

test("a database that is down hides no other; alone, it says so", async () => {
  const down = fakeDatabase("down", () => Promise.reject(new Error("refused")));
  const up = fakeDatabase("up", () => snapshotRows("1", names(1, "x")));
  expect((await page(databasesOf(down, up))).resources.map(({ name }) => name)).toEqual(["up.x0"]);
  await expect(page(databasesOf(down))).rejects.toThrow("refused");
});

test("without databases there is nothing", async () => {
  expect(await page(databasesOf())).toEqual({ resources: [] });
});

test.for(["", "x", "-1 0", "9 9", "0 999999999", "0 1 2", "{}"])("a made-up cursor %j does no harm", async (cursor) => {
  const { resources } = await page(databasesOf(fakeDatabase("a", () => snapshotRows("1", names(2, "x")))), cursor);
  expect(resources.length).toBeLessThanOrEqual(2);
});
