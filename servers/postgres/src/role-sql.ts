import { quoted } from "./identifier.ts";
import type { Config } from "./options.ts";

/** What the role is called in the text; a person may well rename it. */
const ROLE = "mcp_ro";

/** How long a transaction of the role may rest, in milliseconds. */
const IDLE_IN_TRANSACTION = 60_000;

type Restricted = Pick<Config, "databases" | "schemas" | "statementTimeout" | "lockTimeout">;

/**
 * The SQL, for psql, of a role that reads and no more: the layer below the server's own proof that a query only reads. With
 * schemas configured it may read only those. Idempotent in its grants, not in CREATE ROLE. Holds no password.
 *
 * INHERIT, since NOINHERIT would leave what pg_read_all_data grants without effect until a SET ROLE.
 * https://www.postgresql.org/docs/current/predefined-roles.html, https://www.postgresql.org/docs/current/ddl-priv.html
 */
export function roleSql({ databases, schemas, statementTimeout, lockTimeout }: Restricted): string {
  const entries = Object.entries(databases).map(([name, entry]) => ({ name, schemas: entry.schemas ?? schemas }));
  const places = entries.length > 0 ? entries : [{ name: undefined, schemas }];
  const settings = {
    default_transaction_read_only: "on",
    statement_timeout: milliseconds(statementTimeout),
    lock_timeout: milliseconds(lockTimeout),
    idle_in_transaction_session_timeout: milliseconds(IDLE_IN_TRANSACTION),
  };
  return [
    "-- A role that reads and no more. Run this with psql, as a superuser or as the owner of the database and its schemas.",
    `CREATE ROLE ${ROLE} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS INHERIT CONNECTION LIMIT 8;`,
    ...Object.entries(settings).map(([name, value]) => `ALTER ROLE ${ROLE} SET ${name} = '${value}';`),
    "",
    ...places.flatMap((place) => [...grants(place), ""]),
    "-- Before PostgreSQL 15 everybody may create tables in public, and temporary ones anywhere. To take that from all roles:",
    "-- REVOKE CREATE ON SCHEMA public FROM PUBLIC;",
    '-- REVOKE TEMPORARY ON DATABASE :"DBNAME" FROM PUBLIC;',
    "",
    "-- For `health` and `advise`: the statements of other roles (their texts may hold data).",
    `-- GRANT pg_read_all_stats TO ${ROLE};`,
    "",
    "-- Asks for the password, and sends it encrypted.",
    `\\password ${ROLE}`,
    "",
  ].join("\n");
}

function grants({
  name,
  schemas,
}: {
  readonly name: string | undefined;
  readonly schemas?: readonly string[] | undefined;
}) {
  const where = name === undefined ? [] : [`-- In the database that is configured as ${name}:`];
  if (schemas === undefined)
    return [
      ...where,
      "-- Every schema (PostgreSQL 14 and later; for 13, or for fewer tables, start with --schemas).",
      `GRANT pg_read_all_data TO ${ROLE};`,
    ];
  return [
    ...where,
    ...schemas
      .map(quoted)
      .flatMap((schema) => [
        `GRANT USAGE ON SCHEMA ${schema} TO ${ROLE};`,
        `GRANT SELECT ON ALL TABLES IN SCHEMA ${schema} TO ${ROLE};`,
        "-- Tables to come; add FOR ROLE where others create them.",
        `ALTER DEFAULT PRIVILEGES IN SCHEMA ${schema} GRANT SELECT ON TABLES TO ${ROLE};`,
      ]),
  ];
}

function milliseconds(time: number): string {
  return `${Math.ceil(time)}ms`;
}
