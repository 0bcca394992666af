import type { CatalogRow, ServerFacts } from "./database.ts";
import type { Value } from "./row-set.ts";

/** Memberships that reach beyond the data of the database (predefined-roles of the manual). */
const dangerous = [
  "pg_write_server_files",
  "pg_execute_server_program",
  "pg_read_server_files",
  "pg_signal_backend",
  "pg_write_all_data",
  "pg_maintain",
  "pg_create_subscription",
];

const question = `
  SELECT current_setting('server_version_num') AS number, current_setting('server_version') AS version,
         current_user::text AS "user", current_database()::text AS database, pg_is_in_recovery()::text AS recovering,
         (SELECT rolsuper FROM pg_catalog.pg_roles WHERE rolname = current_user)::text AS super,
         (SELECT coalesce(json_agg(rolname), '[]') FROM pg_catalog.pg_roles
           WHERE rolname = ANY ('{${dangerous.join(",")}}') AND pg_has_role(oid, 'member'))::text AS roles,
         (SELECT coalesce(json_object_agg(extname, extversion), '{}') FROM pg_catalog.pg_extension)::text AS extensions`;

type Catalog = <Row extends CatalogRow>(text: string, values: readonly Value[], signal: AbortSignal) => Promise<Row[]>;

export async function serverFacts(catalog: Catalog, signal: AbortSignal): Promise<ServerFacts> {
  const [row] = await catalog<Record<string, string>>(question, [], signal);
  const {
    number = "",
    version = "",
    user = "",
    database = "",
    recovering,
    roles = "[]",
    extensions = "{}",
  } = row ?? {};
  // A superuser is a member of every role: one word says it.
  const privileges = row?.["super"] === "true" ? ["superuser"] : (JSON.parse(roles) as string[]);
  return {
    versionNumber: Number(number),
    version,
    user,
    database,
    privileges,
    recovering: recovering === "true",
    extensions: new Map(Object.entries(JSON.parse(extensions) as Record<string, string>)),
  };
}
