import type { PGlite } from "@electric-sql/pglite";
import { analysed, failing, faults } from "./faults.ts";
import { rows } from "./rows.ts";
import { OWNER, owner, schema } from "./schema.ts";
import { workload } from "./workload.ts";

/** Goes into the folder's name: data of another version is made anew. Raise it with every change of the seed. */
export const SEED_VERSION = 1;

/** Fills an empty database. */
export async function fill(database: PGlite): Promise<void> {
  // One transaction: with wal_level=minimal, rows of a table made in it need no log.
  await database.exec("BEGIN");
  await database.exec(owner);
  // The rows fit by how they are made: checking each against the other tables would take a third of the time.
  await database.exec("SET LOCAL session_replication_role = replica");
  await database.exec(`SET ROLE ${OWNER}`);
  await database.exec(schema);
  await database.exec(rows);
  await database.exec("COMMIT");
  await database.exec(faults);
  await database.exec(failing).catch(() => {});
  await database.exec("RESET ROLE");
  await database.exec("CREATE EXTENSION pg_stat_statements");
  // Counts of the rows just written would else be added to those that ANALYZE sets.
  await database.query("SELECT pg_stat_force_next_flush()");
  await database.exec(`ANALYZE ${analysed.map(([table]) => table).join(", ")}`);
  await database.exec("CHECKPOINT");
}

/**
 * Makes the statistics views say what they would after a day. PGlite forgets them whenever it stops: it never writes them
 * (https://www.postgresql.org/docs/18/monitoring-stats.html). What was dropped meanwhile is passed over.
 */
export async function observe(database: PGlite): Promise<void> {
  const quietly = (sql: string, values: unknown[] = []) =>
    database.query(sql, values).then(
      () => true,
      () => false,
    );
  for (const [table, columns] of analysed) await quietly(`ANALYZE ${table} (${columns})`);
  await quietly("SELECT pg_stat_statements_reset()");
  for (const [sql, times] of workload) for (let i = 1; i <= times && (await quietly(sql, [i])); i++);
  await quietly("SELECT pg_stat_force_next_flush()");
}
