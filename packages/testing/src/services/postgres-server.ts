import type { StartedTestContainer } from "testcontainers";
import type { Service } from "./service.ts";

/** A PostgreSQL server, whoever provides it. */
export interface PostgresServer extends Service {
  /** Only in containers: what can be paused and killed. */
  readonly container?: StartedTestContainer;
}

/** Durability is worth nothing in a test, and time is. */
export const fast = ["-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off"];
