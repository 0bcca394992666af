import { dirname, join } from "node:path";
import { existsSync } from "node:fs";
import { startPostgres } from "@mooring/testing";
import { createDatabase } from "../../../servers/postgres/src/create-database.ts";
import { createParser } from "../../../servers/postgres/src/guard/parser.ts";
import { openPolicy } from "../../../servers/postgres/src/policy.ts";
import type { Result } from "../result.ts";
import { benchAdvise } from "./advise/advise.ts";
import { benchCancel } from "./cancel.ts";
import { benchCold } from "./cold.ts";
import { contenders, type PostgresPeers } from "./contenders.ts";
import { benchCrash } from "./crash.ts";
import { benchExport } from "./export.ts";
import { fill } from "./fixture.ts";
import { benchLarge } from "./large.ts";
import { benchLatency } from "./latency.ts";
import { benchList } from "./list.ts";
import { benchOverview, manyTables } from "./overview.ts";
import { settingsOf } from "./settings.ts";
import { benchThroughput } from "./throughput.ts";

/** What can be measured alone: `npm run bench -- postgres:latency`. */
export const postgresParts = [
  "latency",
  "throughput",
  "large",
  "export",
  "cold",
  "overview",
  "list",
  "cancel",
  "crash",
  "advise",
] as const;
export type PostgresPart = (typeof postgresParts)[number];

/** One PostgreSQL as a process (a container's network would be measured too), and everybody in front of it. */
export async function benchPostgres(part: PostgresPart, peers: PostgresPeers): Promise<Result[]> {
  // Bench figures are those of one machine: what is compared must not be a container here and a process there.
  process.env["TEST_SERVICES"] = "process";
  await using server = await startPostgres(part === "advise" ? { settings: { work_mem: "16MB" } } : {});
  // Awaited here: what is returned unawaited outlives the server.
  if (part === "advise") return await adviseOn(server);
  const url = await server.newDatabase("bench");
  using sides = contenders(url, peers);
  if (part === "overview" || part === "list") {
    if (part === "list") return await benchList(sides);
    await manyTables(url);
    return await benchOverview(sides);
  }
  await fill(url);
  const parts: Readonly<Record<Exclude<PostgresPart, "overview" | "list" | "advise">, () => Promise<Result[]>>> = {
    latency: () => benchLatency(sides),
    throughput: () => benchThroughput(sides),
    large: () => benchLarge(sides),
    export: () => benchExport(url, peers, psql(server.describe)),
    cold: () => benchCold(sides),
    cancel: () => benchCancel(url, sides),
    crash: () => benchCrash(url, sides),
  };
  return await parts[part]();
}

async function adviseOn(server: { newDatabase(name: string): Promise<string> }): Promise<Result[]> {
  const parser = createParser();
  const opened: { close(): Promise<void> }[] = [parser];
  try {
    return await benchAdvise({
      newDatabase: (name) => server.newDatabase(name),
      open(url) {
        const database = createDatabase({
          name: "default",
          policy: openPolicy,
          timeouts: { statement: 60_000, lock: 2_000, idleInTransaction: 60_000 },
          parser,
          settings: async () => settingsOf(url),
        });
        opened.push(database);
        return database;
      },
    });
  } finally {
    for (const each of opened.reverse()) await each.close();
  }
}

/** The client of the server that runs. */
function psql(binaries: string): string {
  const file = join(binaries, "psql");
  return existsSync(file) ? file : join(dirname(binaries), "bin/psql");
}
