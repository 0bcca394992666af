import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createIndex, identity, type IndexDefinition, indexName } from "../../src/advise/index-definition.ts";
import { indexBytes } from "../../src/advise/index-size.ts";
import { merged } from "../../src/advise/screening.ts";
import { parse, table } from "./fixtures.ts";

const on = table('we"ird', { "a b": {}, c: { type: "numeric", width: 6 }, s: { distinct: 3, type: "text", width: 6 } });
const key = (column: string) => ({ sql: `"${column}"`, column, columns: [column] });
const index = (keys: readonly string[], more: Partial<IndexDefinition> = {}): IndexDefinition => ({
  table: on,
  method: "btree",
  keys: keys.map(key),
  include: [],
  where: undefined,
  ...more,
});

describe("DDL", () => {
  test("is quoted, and PostgreSQL's parser reads it as one CREATE INDEX", async () => {
    const definition = index(["a b"], { include: ["c"], where: { sql: `"s" = 'x'`, columns: ["s"], share: 0.1 } });
    const sql = createIndex(definition, { name: 'n"; DROP TABLE x; --', concurrently: true });
    expect(sql).toBe(
      `CREATE INDEX CONCURRENTLY "n""; DROP TABLE x; --" ON "public"."we""ird" ("a b") INCLUDE ("c") WHERE "s" = 'x'`,
    );
    expect((await parse(sql)).map((tree) => Object.keys(tree))).toEqual([["IndexStmt"]]);
  });

  test("names are at most 63 bytes, whole characters, and never clash", () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ unit: "grapheme", minLength: 1, maxLength: 80 }), { minLength: 1, maxLength: 6 }),
        (columns) => {
          const taken = new Set(["other"]);
          const names = [0, 1, 2].map(() => indexName(index(columns), taken));
          expect(new Set(names).size).toBe(3);
          for (const name of names) {
            expect(Buffer.byteLength(name)).toBeLessThanOrEqual(63);
            expect(name.isWellFormed()).toBe(true);
            expect(taken.has(name)).toBe(true);
          }
        },
      ),
    );
    expect(indexName(index(["c"]), new Set())).toBe('we"ird_c_idx');
    expect(indexName(index(["c"]), new Set(['we"ird_c_idx']))).toBe('we"ird_c_idx1');
  });

  test("identity tells apart what differs", () => {
    const all = [index(["c"]), index(["c"], { include: ["s"] }), index(["s", "c"]), index(["c"], { method: "brin" })];
    expect(new Set(all.map(identity)).size).toBe(4);
    expect(identity(index(["c"]))).toBe(identity(index(["c"])));
  });
});

describe("sizes", () => {
  test("equal keys are stored once, but not beside carried columns, nor numeric", () => {
    const few = indexBytes(index(["s"])) ?? 0;
    const carried = indexBytes(index(["s"], { include: ["a b"] })) ?? 0;
    expect(few).toBeLessThan(carried / 2);
    const numeric = table("n", { c: { type: "numeric", width: 6, distinct: 3 } });
    expect(indexBytes({ ...index(["c"]), table: numeric })).toBeGreaterThan(few * 2);
  });

  test("a partial index has its share of the rows; GIN depends on what is inside", () => {
    const whole = indexBytes(index(["a b"])) ?? 0;
    const part = indexBytes(index(["a b"], { where: { sql: "x", columns: [], share: 0.01 } })) ?? 0;
    expect(part).toBeLessThan(whole / 20);
    expect(indexBytes(index(["a b"], { method: "gin" }))).toBeUndefined();
    expect(indexBytes(index(["a b"], { method: "brin" }))).toBeLessThan(100_000);
  });
});

describe("merged", () => {
  test("one index for two that carry different columns, longer keys for both", () => {
    const bodies = merged([index(["c"], { include: ["a b"] }), index(["c"], { include: ["s"] })]).map(
      ({ include }) => include,
    );
    expect(bodies).toEqual([["a b", "s"]]);
    const [longer] = merged([index(["c"], { include: ["a b"] }), index(["c", "s"])]);
    expect(longer).toMatchObject({ keys: [key("c"), key("s")], include: ["a b"] });
    expect(merged([index(["c"]), index(["s"])])).toEqual([]);
    const where = { sql: "x", columns: [], share: 0.1 };
    expect(merged([index(["c"], { include: ["a b"] }), index(["c"], { include: ["s"], where })])).toEqual([]);
  });
});
