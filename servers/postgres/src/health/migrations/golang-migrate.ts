import { posix } from "node:path";
import type { MigrationTool } from "./tool.ts";

/** The same table name as Rails', with one row and `dirty`. https://github.com/golang-migrate/migrate */
export const golangMigrate: MigrationTool = {
  name: "golang-migrate",
  table: "schema_migrations",
  columns: ["version", "dirty"],
  sql: ({ name }) => `SELECT version::text AS version, dirty::text AS dirty FROM ${name} ORDER BY version DESC LIMIT 1`,
  read([row], { name }) {
    if (!row) return { applied: undefined, last: undefined, problems: [] };
    const dirty = row["dirty"] === "true";
    return {
      applied: undefined,
      last: `version ${row["version"]}`,
      problems: dirty
        ? [
            {
              severity: "high",
              subject: name,
              evidence: `dirty: version ${row["version"]} failed half-way, nothing runs until what it left is mended (\`migrate force\`)`,
              fix: `UPDATE ${name} SET dirty = false;`,
            },
          ]
        : [],
    };
  },
  compare([row], { files }) {
    const there = files.flatMap((file) => {
      const [name, version] = /^(\d+)_.*\.up\.\w+$/.exec(posix.basename(file)) ?? [];
      return name && version ? [{ name, version: BigInt(version) }] : [];
    });
    const at = BigInt(row?.["version"] ?? -1);
    const pending = there.filter(({ version }) => version > at).toSorted((a, b) => (a.version < b.version ? -1 : 1));
    const known = at < 0n || there.some(({ version }) => version === at);
    return { found: there.length, pending: pending.map(({ name }) => name), missing: known ? [] : [`version ${at}`] };
  },
};
