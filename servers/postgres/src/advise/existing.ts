import type { IndexDefinition } from "./index-definition.ts";
import { qualified, quoted } from "../identifier.ts";
import type { ExistingIndex, Table } from "./tables.ts";

/** What to do about an index that is there, or a key that has none. */
export interface Finding {
  readonly kind: "duplicate" | "prefix" | "unused" | "invalid" | "foreign key";
  readonly table: Table;
  readonly ddl: string;
  readonly why: string;
  /** That would be freed. */
  readonly bytes: number | undefined;
}

/** Smaller ones are not worth a statement. */
const UNUSED_BYTES = 1_000_000;

/**
 * Indexes of a table that others make useless, or nobody used, and foreign keys that deletes of the other table look for row by
 * row. `recommended` counts as there; `used` are indexes that the statements' plans go through. Pure.
 */
export function existingIndexes(
  table: Table,
  recommended: readonly IndexDefinition[],
  used: ReadonlySet<string>,
): Finding[] {
  const found: Finding[] = [];
  const gone = new Set<ExistingIndex>();
  const drop = (index: ExistingIndex, kind: Finding["kind"], why: string) => {
    gone.add(index);
    // On a partitioned table and its indexes DROP INDEX cannot be CONCURRENTLY (sql-dropindex of the manual).
    const how = table.partitions ? "" : "CONCURRENTLY ";
    const ddl = `DROP INDEX ${how}${qualified({ schema: table.schema, name: index.name })};`;
    found.push({ kind, table, ddl, why, bytes: index.bytes });
  };
  for (const index of table.indexes) {
    if (!index.valid && !index.needed)
      drop(index, "invalid", "invalid: a build of it failed, and every write still keeps it up");
    if (index.needed || !index.valid) continue;
    const others = table.indexes.filter((other) => other !== index && other.valid && !gone.has(other));
    const twin = others.find((other) => same(index, other) && keepFirst(other, index, used));
    const longer = others.find((other) => isPrefix(index, other));
    const planned = recommended.find((definition) => definition.table === table && coveredBy(index, definition));
    if (twin) drop(index, "duplicate", `the same as ${quoted(twin.name)}`);
    else if (longer) drop(index, "prefix", `${quoted(longer.name)} begins with the same columns`);
    else if (planned)
      drop(index, "prefix", "an index recommended here begins with the same columns; drop it after that is built");
    else if (index.scans === 0 && !index.unique && index.bytes >= UNUSED_BYTES && !used.has(index.name))
      drop(index, "unused", "never scanned since the statistics began");
  }
  for (const { name, columns, references } of table.foreignKeys) {
    if (table.rows < 1_000 || leads(table, columns, recommended)) continue;
    found.push({
      kind: "foreign key",
      table,
      ddl: `CREATE INDEX ${table.partitions ? "" : "CONCURRENTLY "}ON ${qualified(table)} (${columns.map(quoted).join(", ")});`,
      why: `foreign key ${quoted(name)}: a DELETE in ${references} reads this table whole for each row`,
      bytes: undefined,
    });
  }
  return found;
}

function same(one: ExistingIndex, other: ExistingIndex): boolean {
  return (
    one.method === other.method &&
    one.predicate === other.predicate &&
    (!one.unique || other.unique) &&
    equal(one.keys, other.keys) &&
    equal([...one.included].sort(), [...other.included].sort())
  );
}

/** Of two that are the same one stays: what is needed, what is unique, what is used, then the first by name. */
function keepFirst(kept: ExistingIndex, dropped: ExistingIndex, used: ReadonlySet<string>): boolean {
  if (kept.needed !== dropped.needed) return kept.needed;
  if (kept.unique !== dropped.unique) return kept.unique;
  if (used.has(kept.name) !== used.has(dropped.name)) return used.has(kept.name);
  return kept.scans === dropped.scans ? kept.name < dropped.name : kept.scans > dropped.scans;
}

function isPrefix(one: ExistingIndex, other: ExistingIndex): boolean {
  if (one.method !== "btree" || other.method !== "btree" || one.unique || one.predicate !== other.predicate)
    return false;
  if (one.keys.length >= other.keys.length || one.included.length > 0) return false;
  return one.keys.every((key, i) => other.keys[i] === key);
}

function coveredBy(index: ExistingIndex, { method, keys, include, where }: IndexDefinition): boolean {
  if (index.method !== "btree" || method !== "btree" || index.unique || index.predicate !== null || where) return false;
  if (
    index.columns.length > keys.length ||
    index.included.some((column) => !include.map(quoted).includes(column) && !include.includes(column))
  )
    return false;
  // Plain ascending keys of the default operator class only: the catalog's text of others is not comparable with ours.
  const plain = index.keys.every((key, i) => / default \d+ 0$/.test(key) && index.columns[i] !== null);
  return (
    plain &&
    index.columns.every(
      (column, i) =>
        keys[i]?.column === column &&
        keys[i]?.operatorClass === undefined &&
        !keys[i]?.descending &&
        !keys[i]?.nullsFirst,
    )
  );
}

function leads({ indexes }: Table, columns: readonly string[], recommended: readonly IndexDefinition[]): boolean {
  const starts = (keys: readonly (string | null | undefined)[]) =>
    columns.every((column) => keys.slice(0, columns.length).includes(column));
  return (
    indexes.some(
      ({ valid, predicate, method, columns: keys }) =>
        valid && predicate === null && method === "btree" && starts(keys),
    ) ||
    recommended.some(
      ({ where, method, keys, table }) =>
        table.indexes === indexes && !where && method === "btree" && starts(keys.map(({ column }) => column)),
    )
  );
}

function equal(one: readonly unknown[], other: readonly unknown[]): boolean {
  return one.length === other.length && one.every((each, i) => each === other[i]);
}
