import { arrayLiteral, type CatalogRow, type Database } from "../database.ts";
import type { Policy } from "../policy.ts";
import type { Value } from "../row-set.ts";
import type { Kind } from "./kinds.ts";
import { listQuery, namesQuery } from "./list-sql.ts";
import { maskParameters } from "./mask.ts";
import type { CatalogObject, Link, ListedColumn, Other, Position } from "./object.ts";
import type { Meaning } from "./written-name.ts";

/** What to list. */
export interface ListRequest {
  readonly kinds: readonly Kind[];
  /** Left out: every schema but the system's. */
  readonly schema?: string | undefined;
  /** Only what these may mean. */
  readonly names?: readonly Meaning[] | undefined;
  /** Only these, by their ids. */
  readonly ids?: readonly string[] | undefined;
  readonly after?: Position | undefined;
  readonly limit: number;
}

export interface ObjectPage {
  readonly objects: readonly CatalogObject[];
  /** Objects on all pages. */
  readonly total: number;
  /** How many there are of each kind, and of each schema (quoted); only on the first page of a list. */
  readonly kinds: readonly (readonly [Kind, number])[];
  readonly schemas: readonly (readonly [string, number])[];
  /** The one schema that was asked for is there. */
  readonly known: boolean;
  /** Schemas that the policy or the role's rights keep back: names for {@link withoutHidden}. */
  readonly hidden: readonly string[];
  /** Changes when tables or schemas are created, dropped or renamed. */
  readonly stamp: string;
}

/** One page of the catalog in one round trip; `columns: false` leaves out all but names. */
export async function listObjects(
  database: Database,
  request: ListRequest,
  signal: AbortSignal,
  { columns = true }: { columns?: boolean } = {},
): Promise<ObjectPage> {
  const rows = await database.catalog(
    columns ? listQuery : namesQuery,
    pageParameters(database.policy, request),
    signal,
  );
  return pageOf(rows, (row, about) => objectOf(row, about.masked));
}

/** The parameters of `pageOfObjects`. */
export function pageParameters(policy: Policy, request: ListRequest): Value[] {
  const { kinds, schema, names, ids, after, limit } = request;
  return [
    policy.schemas ? arrayLiteral(policy.schemas) : null,
    arrayLiteral(policy.denySchemas),
    schema ?? null,
    arrayLiteral(kinds),
    names ? arrayLiteral(names.map((meaning) => meaning.schema)) : null,
    names ? arrayLiteral(names.map(({ name }) => name)) : null,
    ids ? arrayLiteral(ids) : null,
    after ? arrayLiteral(after) : null,
    String(limit),
    ...maskParameters(policy).map(arrayLiteral),
  ];
}

/** What every query over a page says of the whole. */
export interface About {
  readonly masked: ReadonlySet<string>;
}

/** Rows with `objectColumns` as a page. */
export function pageOf<Item>(rows: readonly CatalogRow[], itemOf: (row: CatalogRow, about: About) => Item) {
  const about = JSON.parse(rows[0]?.["about"] ?? "{}") as {
    total?: number;
    kinds?: [Kind, number][] | null;
    schemas?: [string, number][] | null;
    known?: boolean | null;
    hidden?: string[] | null;
    masked?: [number, string][] | null;
    stamp?: string;
  };
  const masked = new Set((about.masked ?? []).map(([relation, column]) => `${relation} ${column}`));
  return {
    objects: rows.filter(({ id }) => id !== null).map((row) => itemOf(row, { masked })),
    total: about.total ?? 0,
    kinds: about.kinds ?? [],
    schemas: about.schemas ?? [],
    known: about.known === true,
    hidden: about.hidden ?? [],
    stamp: about.stamp ?? "",
  };
}

/** An object of a row with `objectColumns` and whatever else the query had. */
export function objectOf(row: CatalogRow, masked: ReadonlySet<string>): CatalogObject {
  const text = (name: string) => row[name] ?? "";
  const keys = parsed<readonly Key[]>(row["keys"]) ?? [];
  const primary = new Set(keys.find(([, , table]) => table === undefined)?.[0]);
  const numbers: number[] = [];
  const columns = (parsed<string[]>(row["columns"]) ?? []).map((column): ListedColumn => {
    const [, name = "", number = "", required, type = ""] = COLUMN.exec(column) ?? [];
    numbers.push(Number(number));
    const raw = unquoted(name);
    return {
      name,
      raw,
      type,
      required: required === "!",
      key: primary.has(Number(number)),
      masked: masked.has(`${row["oid"]} ${raw}`),
    };
  });
  return {
    id: text("id"),
    kind: text("kind") as Kind,
    schema: text("schema"),
    name: text("name"),
    shownSchema: text("shown_schema"),
    shownName: text("shown_name"),
    comment: row["comment"] ?? null,
    columns,
    links: keys.flatMap(([from, schema = null, table, targets]): Link[] =>
      table === undefined
        ? []
        : [{ columns: from.map((each) => numbers.indexOf(each)), schema, table, targets: targets ?? [] }],
    ),
    rows: numberOf(row["tuples"]),
    // No pages is what the statistics say before they know.
    bytes: numberOf(row["bytes"]) || undefined,
    partitions: Number(row["leaves"] ?? 0),
    partitionKey: row["partition_key"] ?? null,
    closed: row["closed"] === "true",
    other: parsed<Other>(row["other"]) ?? {},
    position: [text("schema"), text("part"), text("name"), text("oid")],
  };
}

/** Numbers of columns; a foreign key also says where it leads. */
type Key = readonly [columns: number[], schema?: string | null, table?: string, targets?: string[] | null];

// `name attnum[!] type`, the name as quote_ident has it
const COLUMN = /^("(?:[^"]|"")*"|[^" ]+) (\d+)(!?) (.*)$/s;

function unquoted(name: string): string {
  return name.startsWith('"') ? name.slice(1, -1).replaceAll('""', '"') : name;
}

function numberOf(value: Value | undefined): number | undefined {
  return value === null || value === undefined ? undefined : Number(value);
}

function parsed<Data>(value: Value | undefined): Data | undefined {
  return value === null || value === undefined ? undefined : (JSON.parse(value) as Data);
}
