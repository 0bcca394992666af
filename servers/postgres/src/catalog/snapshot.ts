import type { Database } from "../database.ts";
import { type Kind, kinds } from "./kinds.ts";
import { pageOf, pageParameters } from "./list.ts";
import { objectColumns, pageOfObjects } from "./page-sql.ts";
import type { Searched } from "./rank.ts";

/** Objects that a snapshot holds; of more, the first by schema and name. */
const MOST_OBJECTS = 50_000;

/** A name with what can be searched of it. `shown…` is quoted as PostgreSQL quotes it. */
export interface NamedObject extends Searched {
  readonly id: string;
  readonly kind: Kind;
  readonly shownSchema: string;
  readonly shownName: string;
}

/** The names that a policy and a role leave, at one moment. */
export interface Snapshot {
  readonly objects: readonly NamedObject[];
  /** Schemas that hold something of the database's own, sorted. */
  readonly schemas: readonly string[];
  /** Changes when tables or schemas are created, dropped or renamed. */
  readonly stamp: string;
}

const query = `${pageOfObjects}
SELECT ${objectColumns},
  CASE
    WHEN p.class = 'r' AND p.part = 0 THEN
      (SELECT pg_catalog.json_agg(a.attname) FROM pg_catalog.pg_attribute a
        WHERE a.attrelid = p.oid AND a.attnum > 0 AND NOT a.attisdropped)
    WHEN p.class = 't' THEN
      (SELECT pg_catalog.json_agg(x.name) FROM (
         SELECT a.attname::text AS name FROM pg_catalog.pg_type t JOIN pg_catalog.pg_attribute a ON a.attrelid = t.typrelid
          WHERE t.oid = p.oid AND a.attnum > 0 AND NOT a.attisdropped
         UNION ALL SELECT l.enumlabel::text FROM pg_catalog.pg_enum l WHERE l.enumtypid = p.oid) x)
  END AS columns,
  (SELECT pg_catalog.string_agg(pg_catalog.left(d.description, 300), ' ') FROM pg_catalog.pg_description d
    WHERE d.objoid = p.oid AND d.classoid =
     CASE p.class WHEN 'r' THEN 'pg_catalog.pg_class'::regclass WHEN 't' THEN 'pg_catalog.pg_type'::regclass
       WHEN 'f' THEN 'pg_catalog.pg_proc'::regclass ELSE 'pg_catalog.pg_extension'::regclass END) AS comment
  FROM about LEFT JOIN page p ON true
 ORDER BY p.place`;

/** All names in one round trip. `schema` adds one of the system's. */
export async function takeSnapshot(database: Database, signal: AbortSignal, schema?: string): Promise<Snapshot> {
  const rows = await database.catalog(
    query,
    pageParameters(database.policy, { kinds, schema, limit: MOST_OBJECTS }),
    signal,
  );
  const { objects, stamp } = pageOf(rows, (row): NamedObject => ({
    id: row["id"] ?? "",
    kind: row["kind"] as Kind,
    schema: row["schema"] ?? "",
    name: row["name"] ?? "",
    shownSchema: row["shown_schema"] ?? "",
    shownName: row["shown_name"] ?? "",
    columns: row["columns"] ? (JSON.parse(row["columns"]) as string[]) : [],
    comment: row["comment"] ?? "",
  }));
  // An extension alone is nothing to look for in a schema.
  const schemas = new Set(objects.filter(({ kind }) => kind !== "extension").map((object) => object.schema));
  return { objects, schemas: [...schemas], stamp };
}
