import type { Database, ServerFacts } from "../database.ts";
import type { Value } from "../row-set.ts";
import type { Finding } from "./finding.ts";
import type { Group } from "./groups.ts";
import { scopeValues } from "./scope.ts";
import type { Surroundings } from "./surroundings.ts";

/** What a check may use. */
export interface CheckContext {
  readonly database: Database;
  readonly facts: ServerFacts;
  readonly surroundings: Surroundings;
  /** Findings that will be shown of it: enough for lists that the server should cut. */
  readonly top: number;
  readonly now: Date;
  /** Where migrations stand, of the configuration. */
  readonly migrations: string | undefined;
  readonly signal: AbortSignal;
  /** A statement of others: literals hidden, cut, nothing of schemas that the policy hides. */
  statement(sql: Value): Promise<string>;
}

/** What must be there; where it is not, the check says so instead of running. */
export interface Needs {
  /** An extension of this database, and what to do where it is absent. */
  readonly extension?: { readonly name: string; readonly how: string };
  /** Least `server_version_num`. */
  readonly version?: number;
  /** A role whose privileges this login needs. */
  readonly role?: "pg_read_all_stats" | "pg_monitor";
  /** Without the role it runs all the same, and this is what it cannot see. */
  readonly hidden?: string;
  /** It looks at what only a primary has. */
  readonly primary?: boolean;
}

/** One check: data that says what is looked at, and how what is seen is judged. */
export interface Check {
  readonly name: string;
  readonly group: Group;
  /** What it finds, for people. */
  readonly title: string;
  /** Why a finding matters, one sentence. */
  readonly why: string;
  readonly needs?: Needs;
  /** Throws where it cannot be done. */
  run(context: CheckContext): Promise<readonly Finding[]>;
}

/** Rows by name; values are PostgreSQL's text. */
export type Rows<Columns extends string> = readonly Readonly<Record<Columns, Value>>[];

export interface QueryCheck<Columns extends string> extends Check {
  /** The query for a `server_version_num`. */
  sql(version: number): string;
  evaluate(rows: Rows<Columns>, context: CheckContext): readonly Finding[] | Promise<readonly Finding[]>;
}

type QueryCheckData<Columns extends string> = Omit<QueryCheck<Columns>, "run"> & {
  /** The query takes what {@link visible} needs. */
  readonly scoped: boolean;
};

/** A check of one fixed query. */
export function queryCheck<Columns extends string>(data: QueryCheckData<Columns>): QueryCheck<Columns> {
  return {
    ...data,
    async run(context) {
      const { database, facts, signal } = context;
      const values = data.scoped ? scopeValues(database.policy) : [];
      const rows = await database.catalog<Record<Columns, Value>>(data.sql(facts.versionNumber), values, signal);
      return data.evaluate(rows, context);
    },
  };
}
