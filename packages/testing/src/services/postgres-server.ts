import type { StartedTestContainer } from "testcontainers";
import type { Service } from "./service.ts";

/** A PostgreSQL server, whoever provides it. */
export interface PostgresServer extends Service {
  /** Only in containers: what can be paused and killed. */
  readonly container?: StartedTestContainer;
}

export interface PostgresOptions {
  /** Of postgresql.conf: `{ max_prepared_transactions: "10" }`. */
  readonly settings?: Readonly<Record<string, string>>;
}

/** Durability is worth nothing in a test, and time is. */
const fast = { fsync: "off", synchronous_commit: "off", full_page_writes: "off" };

/** The command line of `postgres` for what a test asked for. */
export function settingsArguments({ settings }: PostgresOptions): string[] {
  return Object.entries({ ...fast, ...settings }).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
}
