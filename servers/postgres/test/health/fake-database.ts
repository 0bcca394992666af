import type { Database, ServerFacts } from "../../src/database.ts";
import { openPolicy, type Policy } from "../../src/policy.ts";

export const facts: ServerFacts = {
  versionNumber: 150_020,
  version: "15.20 (Debian 15.20-1)",
  user: "ann",
  database: "app",
  privileges: [],
  recovering: false,
  extensions: new Map(),
};

type Row = Readonly<Record<string, string | null>>;

/** A database that answers what `answer` says to each query of ours; no rows where it says nothing. */
export function fakeDatabase(
  answer: (sql: string, signal: AbortSignal) => readonly Row[] | undefined | Promise<readonly Row[] | undefined>,
  { policy = {}, ...more }: Partial<Omit<Database, "policy">> & { readonly policy?: Partial<Policy> } = {},
): Database {
  return {
    name: "app",
    kind: "server",
    policy: { ...openPolicy, ...policy },
    facts: async () => facts,
    catalog: async (sql: string, _values: unknown, signal: AbortSignal) => {
      if (sql.includes("pg_has_role")) return [{ stats: "true", monitor: "true", statements: null, counted: "864000" }];
      return (await answer(sql, signal)) ?? [];
    },
    inspect: async () => {
      throw new Error("no parser");
    },
    ...more,
  } as unknown as Database;
}

/** What `catalog` answers throws: an error of PostgreSQL. */
export function sqlError(code: string): Error {
  return Object.assign(new Error("its own words: secret_table"), { code });
}
