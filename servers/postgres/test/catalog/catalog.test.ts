import { describe, expect, test } from "vitest";
import { catalogOf, createCatalog } from "../../src/catalog/catalog.ts";
import { fakeDatabase, snapshotRows } from "./fake-database.ts";

const never = new AbortController().signal;

function watched(rows: () => ReturnType<typeof snapshotRows> | Promise<ReturnType<typeof snapshotRows>>) {
  let [looks, changes, time] = [0, 0, 0];
  const database = fakeDatabase("shop", async () => {
    looks++;
    return rows();
  });
  const catalog = createCatalog(database, () => time);
  catalog.onChange(() => changes++);
  return { catalog, pass: (ms: number) => (time += ms), seen: () => ({ looks, changes }) };
}

describe("a catalog", () => {
  test("believes names for 30 seconds", async () => {
    const { catalog, pass, seen } = watched(() => snapshotRows("1", [["app", "orders"]]));
    const { objects, schemas } = await catalog.snapshot(never);
    expect([objects[0]?.name, schemas]).toEqual(["orders", ["app"]]);
    pass(29_999);
    await catalog.snapshot(never);
    expect(seen()).toEqual({ looks: 1, changes: 0 });
    pass(1);
    await catalog.snapshot(never);
    expect(seen()).toEqual({ looks: 2, changes: 0 });
  });

  test("tells of other names once, whoever saw them", async () => {
    let stamp = "1";
    const { catalog, pass, seen } = watched(() => snapshotRows(stamp, [["app", stamp]]));
    await catalog.snapshot(never);
    catalog.seen("1");
    expect(seen()).toEqual({ looks: 1, changes: 0 });
    stamp = "2";
    catalog.seen("2");
    expect(seen()).toEqual({ looks: 1, changes: 1 });
    // What was held is of before.
    expect((await catalog.snapshot(never)).objects[0]?.name).toBe("2");
    expect(seen()).toEqual({ looks: 2, changes: 1 });
    stamp = "3";
    pass(30_000);
    await catalog.snapshot(never);
    await catalog.snapshot(never);
    expect(seen()).toEqual({ looks: 3, changes: 2 });
  });

  test("the first look is no change", () => {
    const { catalog, seen } = watched(() => []);
    catalog.seen("1");
    expect(seen().changes).toBe(0);
  });

  test("changed() makes the next look a new one", async () => {
    const { catalog, seen } = watched(() => snapshotRows("1", []));
    await catalog.snapshot(never);
    catalog.changed();
    await catalog.snapshot(never);
    expect(seen()).toEqual({ looks: 2, changes: 1 });
  });

  test("several at once look once; one that leaves ends only itself", async () => {
    const { promise: gate, resolve: open } = Promise.withResolvers<void>();
    const { catalog, seen } = watched(async () => {
      await gate;
      return snapshotRows("1", []);
    });
    const leaving = new AbortController();
    const left = catalog.snapshot(leaving.signal);
    const stays = catalog.snapshot(never);
    leaving.abort(new Error("left"));
    await expect(left).rejects.toThrow("left");
    open();
    await expect(stays).resolves.toMatchObject({ objects: [] });
    expect(seen().looks).toBe(1);
  });

  test("a look that failed is not kept", async () => {
    let fails = true;
    const { catalog, seen } = watched(() => (fails ? Promise.reject(new Error("down")) : snapshotRows("1", [])));
    await expect(catalog.snapshot(never)).rejects.toThrow("down");
    fails = false;
    await expect(catalog.snapshot(never)).resolves.toBeDefined();
    expect(seen().looks).toBe(2);
  });

  test("there is one for each database", () => {
    const [a, b] = [fakeDatabase("a", () => []), fakeDatabase("a", () => [])];
    expect(catalogOf(a)).toBe(catalogOf(a));
    expect(catalogOf(a)).not.toBe(catalogOf(b));
  });
});
