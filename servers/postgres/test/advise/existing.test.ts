import { describe, expect, test } from "vitest";
import { existingIndexes } from "../../src/advise/existing.ts";
import type { Table } from "../../src/advise/tables.ts";
import { existing, table } from "./fixtures.ts";

const found = (
  more: Partial<Table>,
  recommended: Parameters<typeof existingIndexes>[1] = [],
  used = new Set<string>(),
) =>
  existingIndexes(table("t", { a: {}, b: {}, c: {} }, more), recommended, used).map(
    ({ kind, ddl }) => `${kind}: ${ddl}`,
  );

const drop = (kind: string, name: string) => `${kind}: DROP INDEX CONCURRENTLY "public"."${name}";`;

describe("indexes that are there", () => {
  test("of two alike one goes, never both, never the one that is needed", () => {
    expect(found({ indexes: [existing("i1", ["a"]), existing("i2", ["a"])] })).toEqual([drop("duplicate", "i2")]);
    expect(found({ indexes: [existing("i1", ["a"]), existing("pk", ["a"], { needed: true, unique: true })] })).toEqual([
      drop("duplicate", "i1"),
    ]);
    expect(found({ indexes: [existing("i1", ["a"]), existing("i2", ["a"], { unique: true })] })).toEqual([
      drop("duplicate", "i1"),
    ]);
    expect(found({ indexes: [existing("i1", ["a"]), existing("i2", ["a"])] }, [], new Set(["i2"]))).toEqual([
      drop("duplicate", "i1"),
    ]);
    expect(found({ indexes: [existing("i1", ["a"], { scans: 0 }), existing("i2", ["a"])] })).toEqual([
      drop("duplicate", "i1"),
    ]);
    expect(found({ indexes: [existing("i1", ["a"]), existing("i2", ["a"], { predicate: "(b > 1)" })] })).toEqual([]);
    expect(
      found({ indexes: [existing("i1", ["a"]), existing("i2", ["a"], { keys: ["a text_pattern_ops 100 0"] })] }),
    ).toEqual([]);
    expect(found({ indexes: [existing("i1", ["a"]), existing("i2", ["a"], { included: ["b"] })] })).toEqual([]);
  });

  test("the start of a longer one goes, unless it is unique or carries columns", () => {
    const longer = existing("i2", ["a", "b"]);
    expect(found({ indexes: [existing("i1", ["a"]), longer] })).toEqual([drop("prefix", "i1")]);
    expect(found({ indexes: [existing("i1", ["a"], { unique: true }), longer] })).toEqual([]);
    expect(found({ indexes: [existing("i1", ["a"], { included: ["c"] }), longer] })).toEqual([]);
    expect(found({ indexes: [existing("i1", ["b"]), longer] })).toEqual([]);
    expect(found({ indexes: [existing("i1", ["a"]), { ...longer, valid: false }] })).toEqual([drop("invalid", "i2")]);
  });

  test("what a recommended index replaces", () => {
    const on = table("t", { a: {}, b: {} }, { indexes: [existing("i1", ["a"])] });
    const keys = ["a", "b"].map((column) => ({ sql: `"${column}"`, column, columns: [column] }));
    const definition = { table: on, method: "btree" as const, keys, include: [], where: undefined };
    const replaced = existingIndexes(on, [definition], new Set());
    expect(replaced).toMatchObject([{ kind: "prefix", why: expect.stringContaining("after that is built") }]);
    expect(existingIndexes(on, [{ ...definition, where: { sql: "x", columns: [], share: 1 } }], new Set())).toEqual([]);
  });

  test("unused: large, not unique, never scanned, and not used by the statements either", () => {
    const unused = { scans: 0, bytes: 5_000_000 };
    expect(found({ indexes: [existing("i1", ["a"], unused)] })).toEqual([drop("unused", "i1")]);
    expect(found({ indexes: [existing("i1", ["a"], unused)] }, [], new Set(["i1"]))).toEqual([]);
    expect(found({ indexes: [existing("i1", ["a"], { ...unused, unique: true })] })).toEqual([]);
    expect(found({ indexes: [existing("i1", ["a"], { ...unused, needed: true })] })).toEqual([]);
    expect(found({ indexes: [existing("i1", ["a"], { ...unused, bytes: 8_192 })] })).toEqual([]);
  });

  test("foreign keys without an index, in whatever order its columns stand", () => {
    const foreignKeys = [{ name: "fk", columns: ["a", "b"], references: "parent" }];
    const create = 'foreign key: CREATE INDEX CONCURRENTLY ON "public"."t" ("a", "b");';
    expect(found({ foreignKeys })).toEqual([create]);
    expect(found({ foreignKeys, indexes: [existing("i", ["b", "a", "c"])] })).toEqual([]);
    expect(found({ foreignKeys, indexes: [existing("i", ["a", "c", "b"])] })).toEqual([create]);
    expect(found({ foreignKeys, indexes: [existing("i", ["a", "b"], { predicate: "x" })] })).toEqual([create]);
    expect(found({ foreignKeys, rows: 10 })).toEqual([]);
  });

  test("on a partitioned table nothing can be CONCURRENTLY", () => {
    const partitions = [{ schema: "public", name: "t1" }];
    expect(found({ partitions, indexes: [existing("i1", ["a"]), existing("i2", ["a"])] })).toEqual([
      'duplicate: DROP INDEX "public"."i2";',
    ]);
  });
});
