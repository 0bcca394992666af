import type { Tree } from "../guard/walk.ts";
import { type Condition, conditionsOf, type SortKey, sortKeyOf } from "./conditions.ts";
import { type Reference, references } from "./expression.ts";
import { child, listOf } from "../parse-tree.ts";
import { type Plan, type PlanNode, text, texts } from "../plan/plan.ts";

/** Gives the trees of statements, as libpg-query does. Throws for what is no SQL. */
export type Parse = (sql: string) => Promise<readonly Tree[]>;

/** What one statement asks of one relation in its plan: where an index could help. */
export interface Use {
  readonly schema: string;
  readonly table: string;
  readonly alias: string;
  /** Planner units that reading this relation takes, and rows that come out of it. */
  readonly cost: number;
  readonly rows: number;
  readonly node: string;
  readonly conditions: readonly Condition[];
  /** Orders that the plan makes of this relation's columns alone, each from its first key on. */
  readonly orders: readonly (readonly SortKey[])[];
  /** Columns that the statement needs of it; `undefined` for all. */
  readonly needed: readonly string[] | undefined;
}

const conditionKeys = [
  "Filter",
  "Index Cond",
  "Recheck Cond",
  "Hash Cond",
  "Merge Cond",
  "Join Filter",
  "One-Time Filter",
  "TID Cond",
  "Order By",
] as const;

/** Names of the indexes that a plan goes through. */
export function indexesIn({ nodes }: Plan): string[] {
  return nodes.map((each) => text(each, "Index Name")).filter((name) => name !== undefined);
}

/** Relations that a plan reads or writes. */
export function relationsIn({ nodes }: Plan): { readonly schema: string; readonly table: string }[] {
  return nodes.flatMap((each) => {
    const [schema, table] = [text(each, "Schema"), text(each, "Relation Name")];
    return schema !== undefined && table !== undefined ? [{ schema, table }] : [];
  });
}

/** What a plan asks of each relation. Expressions that the parser does not know (subplans of version 17 on) are passed over. */
export async function usesOf({ nodes, root }: Plan, parse: Parse): Promise<Use[]> {
  const scans = nodes.filter(
    (each) => isScan(each) && text(each, "Alias") !== undefined && text(each, "Relation Name") !== undefined,
  );
  const only = scans.length === 1 && scans[0] ? text(scans[0], "Alias") : undefined;
  const owner = (alias: string | undefined) => alias ?? only;

  const conditions: Condition[] = [];
  const orders: SortKey[][] = [];
  const mentioned: Reference[] = [];
  await Promise.all(
    nodes.map(async (each) => {
      for (const key of conditionKeys) {
        for (const condition of texts(each, key)) {
          const tree = await expression(condition, parse);
          mentioned.push(...references(tree));
          conditions.push(...conditionsOf(tree));
        }
      }
      for (const key of ["Sort Key", "Group Key"]) {
        const keys = await Promise.all(texts(each, key).map((one) => sortKey(one, parse)));
        mentioned.push(...keys.flatMap((one) => one?.references ?? []));
        const end = keys.indexOf(undefined);
        orders.push((end === -1 ? keys : keys.slice(0, end)) as SortKey[]);
      }
      // A scan under a join or an aggregate writes every column (`physical tlist`), needed or not; what stands above tells.
      if (isScan(each) && each !== root && !handedOn(each)) return;
      for (const output of texts(each, "Output")) {
        const tree = await expression(output, parse);
        mentioned.push(...references(tree));
        const extreme = extremeOf(tree);
        if (extreme && texts(each, "Group Key").length === 0) orders.push([extreme]);
      }
    }),
  );

  return scans.map((scan) => {
    const alias = text(scan, "Alias") ?? "";
    const mine = mentioned.filter((one) => owner(one.alias) === alias);
    const whole = mine.some(({ column }) => column === undefined);
    return {
      schema: text(scan, "Schema") ?? "",
      table: text(scan, "Relation Name") ?? "",
      alias,
      cost: scan.cost,
      rows: scan.expected,
      node: scan.type,
      conditions: distinct(conditions.filter((one) => owner(one.alias) === alias)),
      orders: orders.map((keys) => ownPart(keys, alias, owner)).filter((keys) => keys.length > 0),
      needed: whole ? undefined : [...new Set(mine.map(({ column }) => column as string))],
    };
  });
}

function isScan({ type }: PlanNode): boolean {
  return type.endsWith("Scan") && type !== "Bitmap Index Scan";
}

/** Below nodes that hand on what their child gives, the scan's own output is what is needed. */
function handedOn({ parent }: PlanNode): boolean {
  return /^(Limit|Sort|Incremental Sort|Hash|Gather|Gather Merge|Materialize|Memoize|Unique|LockRows)$/.test(
    parent?.type ?? "",
  );
}

/** The leading keys that are this relation's alone. */
function ownPart(
  keys: readonly SortKey[],
  alias: string,
  owner: (alias: string | undefined) => string | undefined,
): SortKey[] {
  const own: SortKey[] = [];
  for (const key of keys) {
    if (
      key.references.length === 0 ||
      key.references.some((one) => owner(one.alias) !== alias || one.column === undefined)
    )
      break;
    own.push(key);
  }
  return own;
}

function distinct(conditions: readonly Condition[]): Condition[] {
  const key = ({ subject, test, operator, constant, joins }: Condition) =>
    JSON.stringify([subject, test, operator, constant, joins], (name, value: unknown) =>
      name === "location" ? undefined : value,
    );
  return [...new Map(conditions.map((one) => [key(one), one])).values()];
}

/** min() and max() are one row of an order. */
function extremeOf(tree: unknown): SortKey | undefined {
  const call = child(tree, "FuncCall");
  const name = child(listOf(call?.["funcname"]).at(-1), "String")?.["sval"];
  const [argument, ...more] = listOf(call?.["args"]);
  if ((name !== "min" && name !== "max") || more.length > 0 || !child(argument, "ColumnRef")) return undefined;
  return {
    references: references(argument),
    subject: argument,
    descending: false,
    nullsFirst: false,
    distance: undefined,
  };
}

/** How EXPLAIN writes what is no SQL: `(SubPlan 1)`, `(hashed SubPlan 2)`, since version 17 `(InitPlan 1).col1`. */
const subplans = /\((?:hashed |alternatives: )?(?:SubPlan|InitPlan) \d[^()]*\)/g;

async function expression(written: string, parse: Parse): Promise<unknown> {
  const [tree] = await parse(`SELECT ${written}`)
    .catch(() => parse(`SELECT ${written.replace(subplans, "(SELECT NULL)")}`))
    .catch(() => []);
  const targets = listOf(child(tree, "SelectStmt")?.["targetList"]);
  return targets.length === 1 ? child(targets[0], "ResTarget")?.["val"] : undefined;
}

async function sortKey(written: string, parse: Parse): Promise<SortKey | undefined> {
  const [tree] = await parse(`SELECT 1 ORDER BY ${written}`).catch(() => []);
  return tree && sortKeyOf(tree);
}
