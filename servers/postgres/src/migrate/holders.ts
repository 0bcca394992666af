import { arrayLiteral, type CatalogRow, type Database } from "../database.ts";

/** A session that holds a lock on a relation. */
export interface Holder {
  readonly pid: number;
  readonly application: string;
  readonly state: string;
  /** How long its transaction goes on, in seconds. */
  readonly seconds: number;
  readonly relation: string;
  readonly mode: string;
  /** What it runs or ran last, without literals; empty where that cannot be said. */
  readonly query: string;
}

const holding = `
  SELECT DISTINCT ON (a.pid) a.pid::text AS pid, coalesce(a.application_name, '') AS application, coalesce(a.state, '') AS state,
         greatest(0, extract(epoch FROM pg_catalog.now() - a.xact_start))::bigint::text AS seconds, l.mode,
         pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(c.relname) AS relation, coalesce(a.query, '') AS query
    FROM pg_catalog.pg_locks l
    JOIN pg_catalog.pg_stat_activity a ON a.pid = l.pid
    JOIN pg_catalog.pg_class c ON c.oid = l.relation
    JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
   WHERE l.granted AND l.locktype = 'relation' AND a.pid <> pg_catalog.pg_backend_pid() AND a.pid <> ALL ($3::int[])
     AND (c.oid = ANY ($1::oid[]) OR c.oid IN (SELECT pg_catalog.to_regclass(name) FROM pg_catalog.unnest($2::text[]) AS name))
     AND l.database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database())
   ORDER BY a.pid, l.mode
   LIMIT 20`;

/** Who holds locks on these relations (by OID, or by quoted name) now, the longest transaction first. */
export async function holdersOf(
  database: Pick<Database, "catalog" | "normalize">,
  {
    relids = [],
    names = [],
    except = [],
  }: { readonly relids?: readonly string[]; readonly names?: readonly string[]; readonly except?: readonly number[] },
  signal: AbortSignal,
): Promise<Holder[]> {
  if (relids.length === 0 && names.length === 0) return [];
  const rows = await database.catalog<CatalogRow>(
    holding,
    [arrayLiteral(relids), arrayLiteral(names), arrayLiteral(except.map(String))],
    signal,
  );
  const found = await Promise.all(
    rows.map(async (row): Promise<Holder> => ({
      pid: Number(row["pid"]),
      application: row["application"] ?? "",
      state: row["state"] ?? "",
      seconds: Number(row["seconds"] ?? 0),
      relation: row["relation"] ?? "",
      mode: row["mode"] ?? "",
      // Literals may be anything; a text that was cut cannot be parsed, and is left out.
      query: await database.normalize(row["query"] ?? "").catch(() => ""),
    })),
  );
  return found.toSorted((a, b) => b.seconds - a.seconds);
}

/** One session by its process id, `$1`. */
export const activity = `
  SELECT pid::text AS pid, coalesce(usename, '') AS "user", coalesce(application_name, '') AS application, coalesce(state, '') AS state,
         coalesce(backend_type, '') AS type, coalesce(query, '') AS query, coalesce(backend_start::text, '') AS started,
         coalesce(greatest(0, extract(epoch FROM pg_catalog.now() - xact_start))::bigint::text, '') AS seconds
    FROM pg_catalog.pg_stat_activity WHERE pid = $1::int`;
