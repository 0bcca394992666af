import { loadModule, parseSync } from "libpg-query";
import type { Tree } from "../../src/guard/walk.ts";
import type { ColumnStatistics, ExistingIndex, Table } from "../../src/advise/tables.ts";
import { parsePlan } from "../../src/plan/parse.ts";
import type { Plan } from "../../src/plan/plan.ts";

await loadModule();

/** The parser itself, without the server's thread around it. */
export const parse = async (sql: string): Promise<readonly Tree[]> =>
  ((parseSync(sql) as { stmts?: { stmt: Tree }[] }).stmts ?? []).map(({ stmt }) => stmt);

/** The tree of one expression. */
export async function expression(sql: string): Promise<unknown> {
  const [tree] = (await parse(`SELECT ${sql}`)) as [{ SelectStmt: { targetList: [{ ResTarget: { val: unknown } }] } }];
  return tree.SelectStmt.targetList[0].ResTarget.val;
}

export function column(more: Partial<ColumnStatistics> = {}): ColumnStatistics {
  return {
    type: "integer",
    width: 4,
    distinct: 1_000,
    nullFraction: 0,
    correlation: undefined,
    common: new Map(),
    bytewise: true,
    known: true,
    ...more,
  };
}

export function existing(name: string, columns: readonly string[], more: Partial<ExistingIndex> = {}): ExistingIndex {
  return {
    name,
    method: "btree",
    keys: columns.map((each) => `${each} default 0 0`),
    columns,
    included: [],
    predicate: null,
    unique: false,
    needed: false,
    valid: true,
    bytes: 8_000_000,
    scans: 5,
    ...more,
  };
}

export function table(
  name: string,
  columns: Readonly<Record<string, Partial<ColumnStatistics>>>,
  more: Partial<Table> = {},
): Table {
  return {
    oid: name,
    schema: "public",
    name,
    partitions: undefined,
    rows: 100_000,
    pages: 2_000,
    columns: new Map(Object.entries(columns).map(([each, statistics]) => [each, column(statistics)])),
    indexes: [],
    foreignKeys: [],
    inserted: 0,
    updated: 0,
    deleted: 0,
    hot: 0,
    scans: 0,
    ...more,
  };
}

/** A plan of these nodes, as EXPLAIN (FORMAT JSON, VERBOSE) would answer. */
export function plan(root: object): Plan {
  return parsePlan(JSON.stringify([{ Plan: root }]));
}
