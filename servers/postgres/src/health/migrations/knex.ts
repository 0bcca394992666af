import { posix } from "node:path";
import { type MigrationTool, MOST_ROWS } from "./tool.ts";

const loaded = /\.(?:co|coffee|eg|iced|js|cjs|mjs|ls|ts|cts|mts)$/;

/** Files by name; `knex_migrations_lock` says whether a run is under way, or died. https://knexjs.org/guide/migrations.html */
export const knex: MigrationTool = {
  name: "Knex",
  table: "knex_migrations",
  columns: ["name", "batch", "migration_time"],
  sql({ name, beside }) {
    const lock = beside("knex_migrations_lock");
    return `
    SELECT name, date_trunc('second', migration_time)::text AS at, NULL AS locked FROM (SELECT * FROM ${name} ORDER BY id LIMIT ${MOST_ROWS}) history
    ${lock ? `UNION ALL SELECT NULL, NULL, max(is_locked)::text FROM ${lock}` : ""}`;
  },
  read(rows, { name, beside }) {
    const applied = rows.filter((row) => row["name"] !== null);
    const last = applied.at(-1);
    const lock = beside("knex_migrations_lock");
    const locked = rows.some((row) => row["locked"] === "1");
    return {
      applied: applied.length,
      last: last && `${last["name"]} at ${last["at"]}`,
      problems:
        locked && lock
          ? [
              {
                severity: "high",
                subject: lock,
                evidence: `${name} is locked: a run is under way, or died; no other one can start (\`knex migrate:unlock\`)`,
                fix: `UPDATE ${lock} SET is_locked = 0;`,
              },
            ]
          : [],
    };
  },
  compare(rows, { files }) {
    const there = files
      .map((file) => posix.basename(file))
      .filter((name) => loaded.test(name) && !/\.d\.[cm]?ts$/.test(name) && /^\d/.test(name));
    // Compiled or not, it is the same migration.
    const bare = (name: string) => name.replace(loaded, "");
    const applied = rows.flatMap((row) => row["name"] ?? []);
    const [done, present] = [new Set(applied.map(bare)), new Set(there.map(bare))];
    return {
      found: there.length,
      pending: there.filter((name) => !done.has(bare(name))),
      missing: applied.filter((name) => !present.has(bare(name))),
    };
  },
};
