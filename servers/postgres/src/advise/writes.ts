import type { Tree } from "../guard/walk.ts";
import { child, listOf } from "../parse-tree.ts";
import { columnsOf, type IndexDefinition } from "./index-definition.ts";
import type { Table } from "./tables.ts";

/** Columns that UPDATE statements set, by the oid of their table. */
export type Updated = ReadonlyMap<string, ReadonlySet<string>>;

/** Milliseconds for one entry of a B-tree with its WAL, as a rule of thumb: some microseconds in memory, more on disk. */
const ENTRY_MS = 0.005;
/** The same in planner units: a few pages in memory and some comparisons. */
const ENTRY_COST = 0.05;
/** Fewer scans than this say nothing about how often a table is read between two writes. */
const ENOUGH_SCANS = 1_000;

export interface Upkeep {
  /** Entries that the index would have been given since the statistics began. */
  readonly entries: number;
  /** UPDATEs that touched no index (HOT) and would touch every index of the table with this one. */
  readonly hotLost: number;
  /** In the unit of the search: milliseconds for a workload, planner units otherwise. */
  readonly charge: number;
}

/** Rows of one table that the recorded statements inserted and updated. */
export interface Written {
  readonly inserted: number;
  readonly updated: number;
}

/** What keeping an index up to date costs, by what `pg_stat_user_tables` counted, or the workload itself. Pure. */
export function upkeep(
  definition: IndexDefinition,
  updated: ReadonlySet<string>,
  how: { readonly unit: "ms"; readonly written: Written } | { readonly unit: "cost"; readonly reads: number },
): Upkeep {
  const { table } = definition;
  const losesHot = [...columnsOf(definition)].some((column) => updated.has(column));
  const hotLost = losesHot ? table.hot : 0;
  // A lost HOT update writes to every index of its table, this one included.
  const each = losesHot ? 1 + table.indexes.length : 1;
  const hotShare = table.updated > 0 ? table.hot / table.updated : 0;
  const entriesOf = ({ inserted, updated: changed }: Written) =>
    inserted + changed * (1 - hotShare) + (losesHot ? changed * hotShare * each : 0);
  const entries = table.inserted + (table.updated - table.hot) + hotLost;
  if (how.unit === "ms") return { entries, hotLost, charge: entriesOf(how.written) * ENTRY_MS };
  // Rows that are still there came once, with the first load as a rule: they say nothing about how often rows come.
  const repeated = Math.max(0, entriesOf(table) - table.rows);
  const charge = table.scans >= ENOUGH_SCANS ? (repeated / table.scans) * how.reads * ENTRY_COST : 0;
  return { entries, hotLost, charge };
}

/** Writes that every index of the table is told of, for each scan; `undefined` where too little was counted. */
export function writesPerScan({ inserted, updated, hot, scans, rows }: Table): number | undefined {
  return scans >= ENOUGH_SCANS ? Math.max(0, inserted + updated - hot - rows) / scans : undefined;
}

/** Columns that a statement sets, by its tree. */
export function columnsSet(tree: Tree): string[] {
  const update = child(tree, "UpdateStmt");
  const conflict = child(tree, "InsertStmt")?.["onConflictClause"] as Tree | undefined;
  const targets = [...listOf(update?.["targetList"]), ...listOf(conflict?.["targetList"])];
  return targets.map((target) => child(target, "ResTarget")?.["name"]).filter((name) => typeof name === "string");
}
