import { posix } from "node:path";
import { type MigrationTool, MOST_ROWS } from "./tool.ts";

/** `<version>_<name>.rb`, one row for each version. https://guides.rubyonrails.org/active_record_migrations.html */
export const rails: MigrationTool = {
  name: "Rails",
  table: "schema_migrations",
  columns: ["version"],
  sql({ name, beside }) {
    const internal = beside("ar_internal_metadata");
    return `
    SELECT version::text AS version, NULL AS environment FROM (SELECT * FROM ${name} ORDER BY length(version::text), version LIMIT ${MOST_ROWS}) history
    ${internal ? `UNION ALL SELECT NULL, (SELECT value FROM ${internal} WHERE key = 'environment')` : ""}`;
  },
  read(rows) {
    const versions = rows.filter(({ version }) => version !== null);
    const environment = rows.find((row) => row["environment"])?.["environment"];
    const last = versions.at(-1)?.["version"];
    return {
      applied: versions.length,
      last: last ? `${last}${environment ? ` (environment ${environment})` : ""}` : undefined,
      problems: [],
    };
  },
  compare(rows, { files }) {
    const there = files.flatMap((file) => {
      const [name, version] = /^(\d+)_\w+\.rb$/.exec(posix.basename(file)) ?? [];
      return name && version ? [{ name, version: bare(version) }] : [];
    });
    const applied = rows.flatMap(({ version }) => version ?? []);
    const [done, present] = [new Set(applied.map(bare)), new Set(there.map(({ version }) => version))];
    return {
      found: there.length,
      pending: there.filter(({ version }) => !done.has(version)).map(({ name }) => name),
      missing: applied.filter((version) => !present.has(bare(version))),
    };
  },
};

const bare = (version: string) => version.replace(/^0+(?=\d)/, "");
