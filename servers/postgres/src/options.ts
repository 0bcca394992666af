import { type CommonConfig, type ConfigOf, defineOptions, duration, secretMembers } from "@mooring/core";
import * as z from "zod";
import { sshDestination } from "./config/ssh-destination.ts";

const ssh = z.string().regex(sshDestination, "expected [USER@]HOST[:PORT]").optional();
const list = z.array(z.string().min(1)).default([]);

const restrictions = {
  schemas: z.array(z.string().min(1)).optional(),
  denySchemas: list,
  mask: list,
  allowFunctions: list,
};

/** `--help`, the README's tables, server.json and manifest.json derive from these. */
export const options = defineOptions({
  databaseUrl: {
    schema: z.string().optional(),
    env: "DATABASE_URL",
    credential: true,
    description:
      "Where the database is, and who logs in: postgres://user@host:5432/name. Without it, PGHOST, PGUSER and the others that libpq knows.",
  },
  password: {
    schema: z.string().optional(),
    env: "PGPASSWORD",
    credential: true,
    description:
      "The password, where DATABASE_URL has none; PGPASSWORD_COMMAND is asked again for each login that was refused.",
  },
  databases: {
    schema: z
      .record(
        z.string().regex(/^[\w.-]{1,64}$/, "expected a name of letters, digits, `_`, `.` and `-`"),
        z.strictObject({
          ...secretMembers("url"),
          ...secretMembers("password"),
          ...restrictions,
          pooler: z.enum(["auto", "on", "off"]).optional(),
          ssh,
        }),
      )
      .default({}),
    flag: false,
    description:
      "Several databases by name, each with its url, schemas, mask and so on; tools then take `database`, and DATABASE_URL counts no more.",
  },
  demo: {
    schema: z.boolean().default(false),
    description: "Serve an embedded demo database instead; needs @electric-sql/pglite beside the server.",
  },
  schemas: {
    schema: restrictions.schemas,
    valueName: "NAME",
    description: "Only these schemas; every one that the role may use unless said.",
  },
  denySchemas: { schema: list, valueName: "NAME", description: "Never these schemas." },
  mask: {
    schema: list,
    valueName: "SCHEMA.TABLE.COLUMN",
    description: "Columns whose values are shown as *** and refused in conditions and expressions.",
  },
  allowFunctions: {
    schema: list,
    flag: "allow-function",
    valueName: "SCHEMA.NAME",
    description: "Functions of the database that queries may call: they are trusted, not checked.",
  },
  allowStatements: {
    schema: z.array(z.enum(["do", "copy-program", "roles", "extensions", "server"])).default([]),
    flag: "allow-statement",
    valueName: "KIND",
    description:
      "What `migrate` refuses otherwise: DO blocks, COPY to and from programs and files, roles and grants, extensions, ALTER SYSTEM.",
  },
  samples: {
    schema: z.boolean().default(false),
    description: "Show common values of columns (pg_stats) and sample rows in descriptions of tables.",
  },
  statementTimeout: {
    schema: duration("30s"),
    valueName: "TIME",
    description: "The longest that a statement may run in the database.",
  },
  lockTimeout: {
    schema: duration("2s"),
    valueName: "TIME",
    description: "The longest that a statement may wait for a lock.",
  },
  pooler: {
    schema: z.enum(["auto", "on", "off"]).default("auto"),
    description: "`on` where PgBouncer or the like stands between (found out by itself where it can be).",
  },
  ssh: {
    schema: ssh,
    valueName: "[USER@]HOST[:PORT]",
    description: "Reach the database through this host, by the system's `ssh` and its configuration.",
  },
  exportDir: {
    schema: z.string().min(1).optional(),
    valueName: "DIR",
    description: "Where `query` may write results as CSV; without it, it cannot.",
  },
  migrations: {
    schema: z.string().min(1).optional(),
    valueName: "DIR",
    description: "Where migrations stand, so that `health` can name those that are not applied.",
  },
  queries: {
    schema: z
      .record(
        z.string().regex(/^[a-z][a-z0-9_]{0,47}$/, "expected snake_case"),
        z.strictObject({
          title: z.string().min(1).optional(),
          description: z.string().min(1),
          sql: z.string().min(1),
          params: z
            .array(z.strictObject({ name: z.string().regex(/^[a-z][a-z0-9_]{0,47}$/), description: z.string() }))
            .default([]),
          database: z.string().optional(),
        }),
      )
      .default({}),
    flag: false,
    description: "Tools of your own: SQL that reads, with $1 and on for its params; checked when the server starts.",
  },
});

export type Config = ConfigOf<typeof options> & CommonConfig;

/** `--print-role-sql`, beside `--help` and the others. */
export const answers = {
  "print-role-sql": {
    description: "Print the SQL of a role that can read and no more, for psql, and exit.",
    run: async (config: Config) => (await import("./role-sql.ts")).roleSql(config),
  },
};
