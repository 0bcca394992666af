import { posix } from "node:path";
import { MOST_ROWS, type MigrationTool } from "./tool.ts";

/** `<time>_<name>/migration.sql`; a row without `finished_at` failed or runs. https://www.prisma.io/docs/orm/prisma-migrate */
export const prisma: MigrationTool = {
  name: "Prisma",
  table: "_prisma_migrations",
  columns: ["migration_name", "finished_at", "rolled_back_at"],
  sql: ({ name }) => `
    SELECT migration_name AS name, date_trunc('second', finished_at)::text AS finished, rolled_back_at::text AS back,
      date_trunc('second', started_at)::text AS started, quote_literal(migration_name) AS literal
    FROM ${name} ORDER BY started_at LIMIT ${MOST_ROWS}`,
  read(rows, { name }) {
    const applied = rows.filter(({ finished, back }) => finished !== null && back === null);
    const failed = rows.filter(({ finished, back }) => finished === null && back === null);
    const last = applied.at(-1);
    return {
      applied: applied.length,
      last: last && `${last["name"]} at ${last["finished"]}`,
      problems: failed.map((row) => ({
        severity: "high" as const,
        subject: `${name} ${row["name"]}`,
        evidence: `failed, or still runs, since ${row["started"]}; \`prisma migrate resolve --rolled-back\` after what it left is undone`,
        fix: `UPDATE ${name} SET rolled_back_at = now() WHERE migration_name = ${row["literal"]} AND finished_at IS NULL;`,
      })),
    };
  },
  compare(rows, { files }) {
    const there = files
      .filter((file) => posix.basename(file) === "migration.sql")
      .map((file) => posix.basename(posix.dirname(file)));
    const applied = new Set(
      rows.filter(({ finished, back }) => finished !== null && back === null).map((row) => row["name"]),
    );
    return {
      found: there.length,
      pending: there.filter((name) => !applied.has(name)),
      missing: [...applied].filter(
        (name): name is string => name !== null && name !== undefined && !there.includes(name),
      ),
    };
  },
};
