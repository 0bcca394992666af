import type { Database } from "../database.ts";
import type { Column } from "../row-set.ts";
import { arrayLiteral } from "../database.ts";

/** OIDs of types that every server has (pg_type.dat): they never change. */
const known = new Map<number, string>(
  Object.entries({
    16: "bool",
    17: "bytea",
    18: "char",
    19: "name",
    20: "int8",
    21: "int2",
    23: "int4",
    25: "text",
    26: "oid",
    114: "json",
    142: "xml",
    194: "pg_node_tree",
    600: "point",
    650: "cidr",
    700: "float4",
    701: "float8",
    705: "unknown",
    790: "money",
    829: "macaddr",
    869: "inet",
    1000: "bool[]",
    1005: "int2[]",
    1007: "int4[]",
    1009: "text[]",
    1014: "bpchar[]",
    1015: "varchar[]",
    1016: "int8[]",
    1021: "float4[]",
    1022: "float8[]",
    1042: "bpchar",
    1043: "varchar",
    1082: "date",
    1083: "time",
    1114: "timestamp",
    1115: "timestamp[]",
    1182: "date[]",
    1184: "timestamptz",
    1185: "timestamptz[]",
    1186: "interval",
    1231: "numeric[]",
    1266: "timetz",
    1560: "bit",
    1562: "varbit",
    1700: "numeric",
    2205: "regclass",
    2206: "regtype",
    2249: "record",
    2278: "void",
    2950: "uuid",
    2951: "uuid[]",
    3220: "pg_lsn",
    3614: "tsvector",
    3615: "tsquery",
    3802: "jsonb",
    3807: "jsonb[]",
    3904: "int4range",
    3906: "numrange",
    3908: "tsrange",
    3910: "tstzrange",
    3912: "daterange",
    3926: "int8range",
    4072: "jsonpath",
    4089: "regnamespace",
  }).map(([oid, name]) => [Number(oid), name]),
);

/** Types of each database that are not in the list: enums, domains, composites. */
const learnt = new WeakMap<Database, Map<number, string>>();

/** The names of the columns' types, in order; asks the database only for types of its own. */
export async function typeNames(
  database: Database,
  columns: readonly Column[],
  signal: AbortSignal,
): Promise<readonly string[]> {
  const own = learnt.get(database) ?? new Map<number, string>();
  learnt.set(database, own);
  const missing = [...new Set(columns.map(({ type }) => type))].filter((oid) => !known.has(oid) && !own.has(oid));
  if (missing.length > 0) {
    const sql =
      "SELECT oid::text, pg_catalog.format_type(oid, NULL) AS name FROM pg_catalog.pg_type WHERE oid = ANY ($1::oid[])";
    const rows = await database.catalog<{ oid: string; name: string }>(
      sql,
      [arrayLiteral(missing.map(String))],
      signal,
    );
    for (const { oid, name } of rows) own.set(Number(oid), name);
  }
  return columns.map(({ type }) => known.get(type) ?? own.get(type) ?? `oid ${type}`);
}
