import { type Condition, type SortKey } from "./conditions.ts";
import { expressionSql, nameParts, uncast } from "./expression.ts";
import { child } from "../parse-tree.ts";
import { quoted } from "../identifier.ts";
import { columnsOf, identity, type IndexDefinition, type IndexKey } from "./index-definition.ts";
import { selectivity } from "./selectivity.ts";
import type { Table } from "./tables.ts";
import type { Use } from "./uses.ts";

/** A use with the statement that has it and the table behind it. */
export interface TableUse {
  readonly statement: number;
  readonly use: Use;
  readonly table: Table;
}

/** An index worth a thought, and the statements it was thought of for. */
export interface Candidate {
  readonly definition: IndexDefinition;
  readonly statements: ReadonlySet<number>;
}

/** What was thought of and cannot be proposed. */
export interface Unavailable {
  readonly table: Table;
  readonly what: string;
  readonly why: string;
}

export interface Surroundings {
  readonly extensions: ReadonlyMap<string, string>;
  /** `schema.table.column` */
  readonly mask: readonly string[];
}

/** Keys of one index, INCLUDE not counted. */
const MAX_KEYS = 4;
/** Columns and bytes that are carried along to save reading the table. */
const MAX_INCLUDED = 4;
const MAX_INCLUDED_BYTES = 64;
/** Rows in the order of the column: then a BRIN index of some pages says where they are. */
const BRIN_CORRELATION = 0.9;
/** Pages (of 8 kB) from which on BRIN is worth it. */
const BRIN_PAGES = 2_048;
/**
 * A constant is worth a partial index when it is one of few values (a status, a flag), selects less than this share, and is what
 * nearly all statements ask for: else the index would fit the example and not the application.
 */
const PARTIAL_SHARE = 0.2;
const PARTIAL_VALUES = 16;
const DOMINATING = 0.8;
/** Tables of so few pages are read whole faster than by any index. */
const TINY_PAGES = 4;

/**
 * Indexes that the plans ask for: equality columns, the most selective first; then one range or an order; columns carried along;
 * partial, expression, GIN, GiST, BRIN and HNSW indexes where conditions call for them. None of it is proposed as it stands: the
 * planner decides. Pure.
 */
export function deriveCandidates(
  uses: readonly TableUse[],
  surroundings: Surroundings,
): { readonly candidates: readonly Candidate[]; readonly unavailable: readonly Unavailable[] } {
  const found = new Map<string, { definition: IndexDefinition; statements: Set<number> }>();
  const unavailable: Unavailable[] = [];
  const dominating = dominatingConstants(uses);
  const masked = new Set(surroundings.mask);

  for (const { statement, use, table } of uses) {
    if (table.pages <= TINY_PAGES) continue;
    const { definitions, missing } = forUse(use, table, dominating, surroundings);
    for (const definition of definitions) {
      if ([...columnsOf(definition)].some((column) => masked.has(`${table.schema}.${table.name}.${column}`))) continue;
      if (definition.method === "btree" && exists(definition)) continue;
      const key = identity(definition);
      const known = found.get(key);
      if (known) known.statements.add(statement);
      else found.set(key, { definition, statements: new Set([statement]) });
    }
    for (const each of missing)
      if (!unavailable.some(({ table: other, what }) => other === table && what === each.what))
        unavailable.push({ table, ...each });
  }
  return { candidates: [...found.values()], unavailable };
}

function forUse(
  use: Use,
  table: Table,
  dominating: ReadonlySet<string>,
  { extensions }: Surroundings,
): { definitions: IndexDefinition[]; missing: { what: string; why: string }[] } {
  const definitions: IndexDefinition[] = [];
  const missing: { what: string; why: string }[] = [];
  const add = (keys: readonly IndexKey[], more: Partial<IndexDefinition> = {}) => {
    const unique = distinctKeys(keys).slice(0, MAX_KEYS);
    if (unique.length > 0)
      definitions.push({ table, method: "btree", keys: unique, include: [], where: undefined, ...more });
  };

  const together = use.conditions.filter(({ alternative }) => !alternative);
  const bySelectivity = (all: readonly Condition[]) =>
    distinctKeys(
      all
        .map((condition) => ({ key: keyOf(condition, table), share: selectivity(condition, table) }))
        .sort((a, b) => a.share - b.share)
        .map(({ key }) => key),
    );
  const constants = together.filter(({ test, joins }) => (test === "equal" && !joins) || test === "null");
  const equal = bySelectivity(constants).slice(0, 3);
  const joined = bySelectivity(together.filter(({ test, joins }) => test === "equal" && joins));
  const ranges = distinctKeys(
    together.filter(({ test }) => test === "range" || test === "prefix").map((each) => keyOf(each, table)),
  );
  const orders = use.orders.map(orderKeys).filter((keys) => keys !== undefined);

  const heads = [
    [],
    equal,
    ...equal.map((key) => [key]),
    ...(equal.length === 2 ? [[...equal].reverse()] : []),
    ...joined.flatMap((key) => [[key], [key, ...equal], [...equal, key]]),
  ];
  const shapes = distinctShapes(
    heads.flatMap((head) => [
      head,
      ...ranges.map((range) => [...head, range]),
      ...orders.map((order) => [...head, ...order]),
    ]),
  );
  for (const keys of shapes) {
    add(keys);
    const include = carried(keys, use, table);
    if (include) add(keys, { include });
  }
  for (const each of use.conditions)
    if (each.alternative && ["equal", "range", "prefix", "null"].includes(each.test)) add([keyOf(each, table)]);

  for (const condition of together) {
    if (condition.sql === undefined || !["equal", "null", "not null"].includes(condition.test)) continue;
    const share = selectivity(condition, table);
    if (
      share > PARTIAL_SHARE ||
      (condition.test === "equal" && !(dominating.has(constantKey(table, condition)) && isOneOfFew(condition, table)))
    )
      continue;
    const where = { sql: condition.sql, columns: condition.columns, share };
    const own = keyOf(condition, table).sql;
    const rest = shapes.map((keys) => keys.filter(({ sql }) => sql !== own)).filter((keys) => keys.length > 0);
    for (const keys of distinctShapes(rest.length > 0 ? rest : [[keyOf(condition, table)]])) {
      add(keys, { where });
      const include = carried(keys, use, table, condition.columns);
      if (include) add(keys, { where, include });
    }
  }

  for (const { column, sql } of ranges) {
    const { correlation } = table.columns.get(column ?? "") ?? {};
    if (column !== undefined && table.pages >= BRIN_PAGES && Math.abs(correlation ?? 0) >= BRIN_CORRELATION)
      add([{ sql, column, columns: [column] }], { method: "brin" });
  }

  for (const condition of use.conditions) {
    const special = inverted(condition, table, extensions);
    if (special && "why" in special) missing.push(special);
    else if (special) add([special.key], { method: special.method });
  }
  for (const [first] of use.orders) {
    const operatorClass = first?.distance === undefined ? undefined : vectorClass(first, table);
    if (first && operatorClass)
      add([{ ...plainKey(operatorClass.column), operatorClass: operatorClass.name }], { method: "hnsw" });
  }
  return { definitions, missing };
}

/** Columns beside the keys that spare reading the table; `undefined` where there are none, or too many. */
function carried(
  keys: readonly IndexKey[],
  use: Use,
  table: Table,
  asked: readonly string[] = [],
): readonly string[] | undefined {
  if (!use.needed || keys.length > MAX_KEYS) return undefined;
  const inKeys = new Set(keys.map(({ column }) => column));
  // What a partial index asks in its condition need not be in it where nothing else needs it; the planner knows when.
  const rest = use.needed.filter((column) => !inKeys.has(column) && !asked.includes(column)).sort();
  const bytes = rest.reduce((sum, column) => sum + (table.columns.get(column)?.width ?? 32), 0);
  if (rest.length === 0 || rest.length > MAX_INCLUDED || bytes > MAX_INCLUDED_BYTES) return undefined;
  return rest.every((column) => table.columns.has(column)) ? rest : undefined;
}

/** The column itself where the cast around it changes nothing (varchar to text), else the expression. */
function keyOf({ subject, columns, test }: Condition, table: Table): IndexKey {
  const [column = ""] = columns;
  const statistics = table.columns.get(column);
  const bare = child(uncast(subject), "ColumnRef") && isRelabelled(subject, statistics?.type);
  const operatorClass =
    test === "prefix" && !(bare && statistics?.bytewise)
      ? statistics?.type === "character varying" && bare
        ? "varchar_pattern_ops"
        : "text_pattern_ops"
      : undefined;
  const key = bare ? plainKey(column) : { sql: `(${expressionSql(subject) ?? ""})`, column: undefined, columns };
  return operatorClass === undefined ? key : { ...key, operatorClass };
}

function isRelabelled(subject: unknown, type: string | undefined): boolean {
  const cast = child(subject, "TypeCast");
  if (!cast) return true;
  const to = nameParts((cast["typeName"] as { names?: unknown } | undefined)?.names)?.at(-1);
  return to === "text" && (type === "character varying" || type === "text");
}

function plainKey(column: string): IndexKey {
  return { sql: quoted(column), column, columns: [column] };
}

/** Keys of an order that a B-tree has, forwards or backwards; `undefined` for others. Backwards is the same index. */
function orderKeys(order: readonly SortKey[]): IndexKey[] | undefined {
  const [first] = order;
  if (!first || first.distance !== undefined) return undefined;
  const keys: IndexKey[] = [];
  for (const { subject, descending, nullsFirst, references } of order) {
    const column = references[0]?.column;
    if (!child(subject, "ColumnRef") || column === undefined) break;
    const turned = first.descending;
    keys.push({ ...plainKey(column), descending: descending !== turned, nullsFirst: nullsFirst !== turned });
  }
  return keys.length > 0 ? keys : undefined;
}

function distinctKeys(keys: readonly IndexKey[]): IndexKey[] {
  const seen = new Set<string>();
  return keys.filter(({ sql }) => sql !== "()" && !seen.has(sql) && seen.add(sql));
}

function distinctShapes(shapes: readonly (readonly IndexKey[])[]): IndexKey[][] {
  const unique = shapes.map((keys) => distinctKeys(keys).slice(0, MAX_KEYS)).filter((keys) => keys.length > 0);
  return [...new Map(unique.map((keys) => [JSON.stringify(keys), keys])).values()];
}

/** The start of a B-tree that is there already serves as well, where nothing is carried along. */
function exists({ table, keys, include, where }: IndexDefinition): boolean {
  if (include.length > 0 || where) return false;
  return table.indexes.some(
    ({ method, valid, predicate, columns }) =>
      method === "btree" &&
      valid &&
      predicate === null &&
      keys.every(
        ({ column, operatorClass, descending }, i) =>
          !operatorClass && !descending && column !== undefined && columns[i] === column,
      ),
  );
}

/** Constants that nearly every statement asks of a column, by {@link constantKey}. */
function dominatingConstants(uses: readonly TableUse[]): ReadonlySet<string> {
  const all = new Map<string, number>();
  const each = new Map<string, { count: number; subject: string }>();
  for (const { use, table } of uses)
    for (const condition of use.conditions) {
      if (condition.test !== "equal" || condition.joins) continue;
      const subject = `${table.oid} ${expressionSql(condition.subject) ?? ""}`;
      all.set(subject, (all.get(subject) ?? 0) + 1);
      if (condition.constant === undefined) continue;
      const key = constantKey(table, condition);
      each.set(key, { count: (each.get(key)?.count ?? 0) + 1, subject });
    }
  return new Set(
    [...each].filter(([, { count, subject }]) => count >= DOMINATING * (all.get(subject) ?? 0)).map(([key]) => key),
  );
}

function isOneOfFew({ subject, columns: [column = ""], constant }: Condition, table: Table): boolean {
  const statistics = child(uncast(subject), "ColumnRef") ? table.columns.get(column) : undefined;
  return statistics !== undefined && statistics.distinct <= PARTIAL_VALUES && statistics.common.has(constant ?? "");
}

function constantKey(table: Table, { subject, constant }: Condition): string {
  return JSON.stringify([table.oid, expressionSql(subject), constant]);
}

const textual = new Set(["text", "character varying", "citext", "character", "name"]);
const rangeTypes = /(^|[a-z0-9])(multi)?range$/;

function inverted(
  condition: Condition,
  table: Table,
  extensions: ReadonlyMap<string, string>,
): { key: IndexKey; method: "gin" | "gist" } | { what: string; why: string } | undefined {
  const { test, operator, subject, columns } = condition;
  if (test !== "contains" && test !== "substring") return undefined;
  const key = keyOf({ ...condition, test: "equal" }, table);
  if (key.sql === "()") return undefined;
  const type = key.column === undefined ? undefined : table.columns.get(key.column)?.type;
  if (test === "substring") {
    if (key.column === undefined || !textual.has(type ?? "")) return undefined;
    if (extensions.has("pg_trgm")) return { key: { ...key, operatorClass: "gin_trgm_ops" }, method: "gin" };
    return {
      what: `GIN (${columns.join(", ")} gin_trgm_ops)`,
      why: "patterns that begin with a wildcard need the extension pg_trgm, which is not installed here",
    };
  }
  if (operator === "@@" && (type === "tsvector" || isTsvector(subject))) return { key, method: "gin" };
  if (type === "jsonb") {
    if (["@>", "@?", "@@"].includes(operator))
      return { key: { ...key, operatorClass: "jsonb_path_ops" }, method: "gin" };
    return ["?", "?|", "?&"].includes(operator) ? { key, method: "gin" } : undefined;
  }
  if (type?.endsWith("[]")) return { key, method: "gin" };
  return type !== undefined && rangeTypes.test(type) ? { key, method: "gist" } : undefined;
}

function isTsvector(subject: unknown): boolean {
  return nameParts(child(subject, "FuncCall")?.["funcname"])?.at(-1) === "to_tsvector";
}

/** https://github.com/pgvector/pgvector#hnsw */
const distances: Readonly<Record<string, string>> = { "<->": "l2", "<#>": "ip", "<=>": "cosine", "<+>": "l1" };

function vectorClass({ references, distance }: SortKey, table: Table): { name: string; column: string } | undefined {
  const metric = distances[distance ?? ""];
  const column = references[0]?.column;
  const type = table.columns.get(column ?? "")?.type.replace(/^.*\./, "");
  if (metric === undefined || column === undefined || (type !== "vector" && type !== "halfvec")) return undefined;
  return { name: `${type}_${metric}_ops`, column };
}
