import type { Condition } from "./conditions.ts";
import { child } from "../parse-tree.ts";
import type { Table } from "./tables.ts";

/** What PostgreSQL takes a range without statistics for: DEFAULT_RANGE_INEQ_SEL of `selfuncs.h`. */
const RANGE = 0.005;
const EXPRESSION_DISTINCT = 200;

/** The share of rows that a condition leaves, 0 to 1, by the statistics of ANALYZE. */
export function selectivity(condition: Condition, table: Table): number {
  const column = child(condition.subject, "ColumnRef") ? table.columns.get(condition.columns[0] ?? "") : undefined;
  const nulls = column?.nullFraction ?? 0;
  switch (condition.test) {
    case "null":
      return nulls;
    case "not null":
      return 1 - nulls;
    case "equal": {
      const common = condition.constant === undefined ? undefined : column?.common.get(condition.constant);
      const shares = [...(column?.common.values() ?? [])];
      const distinct = column?.distinct ?? EXPRESSION_DISTINCT;
      // A constant that is none of the common values shares what they leave.
      const rare = (1 - nulls - shares.reduce((sum, share) => sum + share, 0)) / Math.max(1, distinct - shares.length);
      const one =
        common ??
        (condition.constant !== undefined && shares.length > 0 && shares.length < distinct
          ? rare
          : (1 - nulls) / distinct);
      return clamp(one * condition.values);
    }
    case "range":
    case "prefix":
      return RANGE;
    default:
      return 0.01;
  }
}

function clamp(share: number): number {
  return Math.min(1, Math.max(share, 1e-9));
}
