import { type PostgresOptions, type PostgresServer, settingsArguments } from "./postgres-server.ts";
import { pullPolicy } from "./pull-policy.ts";
import { service } from "./service.ts";
import { tail } from "../tail.ts";

/** Throws what testcontainers throws when the image is missing or the server does not become healthy. */
export async function postgresContainer(image: string, options: PostgresOptions): Promise<PostgresServer> {
  const { PostgreSqlContainer } = await import("@testcontainers/postgresql");
  let log = () => "";
  const container = await new PostgreSqlContainer(image)
    .withPullPolicy(await pullPolicy(image))
    // A path of its own: images from 18 on moved PGDATA and refuse a mount at the old place (docker-library/postgres#1259).
    .withTmpFs({ "/pgtmp": "rw" })
    .withEnvironment({ PGDATA: "/pgtmp/data", POSTGRES_INITDB_ARGS: "--no-sync" })
    .withCommand(["postgres", ...settingsArguments(options)])
    .withLogConsumer((stream) => (log = tail(stream)))
    .start();
  return service("postgres", {
    url: container.getConnectionUri(),
    mode: "containers",
    describe: image,
    container,
    logs: () => log(),
    stop: async () => void (await container.stop()),
  });
}
