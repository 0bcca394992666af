import type { CatalogRow, Session } from "../database.ts";

/** What a transaction has done to one table, triggers and cascades included. */
export interface TableEffect {
  readonly table: string;
  readonly inserted: number;
  readonly updated: number;
  readonly deleted: number;
}

export interface Effects {
  readonly tables: readonly TableEffect[];
  /** Sequences that were advanced: a rollback does not take that back. */
  readonly sequences: readonly string[];
}

// What the connection did before this transaction may still be in the numbers, so they are compared with those of its
// beginning (monitoring-stats of the manual: pg_stat_xact_*).
const changed = `
  SELECT relid::text AS relid, pg_catalog.quote_ident(schemaname) || '.' || pg_catalog.quote_ident(relname) AS name, n_tup_ins::text AS inserted,
         n_tup_upd::text AS updated, n_tup_del::text AS deleted
    FROM pg_catalog.pg_stat_xact_user_tables WHERE n_tup_ins + n_tup_upd + n_tup_del > 0 ORDER BY 1`;

// nextval holds its lock to the end of the transaction.
const advanced = `
  SELECT DISTINCT pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(c.relname) AS name
    FROM pg_catalog.pg_locks l JOIN pg_catalog.pg_class c ON c.oid = l.relation JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
   WHERE l.pid = pg_catalog.pg_backend_pid() AND l.locktype = 'relation' AND l.mode = 'RowExclusiveLock' AND c.relkind = 'S'
     AND l.database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database())
   ORDER BY 1`;

/** What the connection has counted so far, by table; for the beginning of a transaction. */
export async function countsOf(session: Session): Promise<ReadonlyMap<string, TableEffect>> {
  const rows = await session.rows<CatalogRow>(changed);
  return new Map(
    rows.map((row) => [
      row["relid"] ?? "",
      {
        table: row["name"] ?? "",
        inserted: Number(row["inserted"]),
        updated: Number(row["updated"]),
        deleted: Number(row["deleted"]),
      },
    ]),
  );
}

/** What the session's transaction has done since these counts. */
export async function effectsOf(session: Session, before: ReadonlyMap<string, TableEffect>): Promise<Effects> {
  const counts = await countsOf(session);
  const sequences = await session.rows<CatalogRow>(advanced);
  const tables = [...counts].map(([relid, { table, inserted, updated, deleted }]) => {
    const was = before.get(relid);
    return {
      table,
      inserted: inserted - (was?.inserted ?? 0),
      updated: updated - (was?.updated ?? 0),
      deleted: deleted - (was?.deleted ?? 0),
    };
  });
  return {
    tables: tables.filter(({ inserted, updated, deleted }) => inserted + updated + deleted > 0),
    sequences: sequences.map(({ name }) => name ?? ""),
  };
}

export function totalOf({ tables }: Effects): number {
  return tables.reduce((sum, { inserted, updated, deleted }) => sum + inserted + updated + deleted, 0);
}
