import { queryCheck } from "../check.ts";

/** Extensions whose files on the server are newer than what this database has. */
export const extensionUpdates = queryCheck<"name" | "installed" | "available">({
  name: "extension_updates",
  group: "security",
  title: "Extensions with updates",
  why: "The new library runs with the old SQL objects: fixes, security ones too, are only half there.",
  scoped: false,
  sql: () => `
    SELECT quote_ident(name) AS name, installed_version AS installed, default_version AS available
    FROM pg_catalog.pg_available_extensions WHERE installed_version <> default_version ORDER BY 1`,
  evaluate: (rows) =>
    rows.map((row) => ({
      severity: "low",
      subject: `extension ${row.name}`,
      evidence: `${row.installed} here, ${row.available} on the server`,
      fix: `ALTER EXTENSION ${row.name} UPDATE;`,
    })),
});
