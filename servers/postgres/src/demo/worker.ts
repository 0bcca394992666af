import { rmSync } from "node:fs";
import { join } from "node:path";
import { parentPort, workerData } from "node:worker_threads";
import type { PGlite } from "@electric-sql/pglite";
import { errorResponse } from "./error-response.ts";
import { sent } from "./flow.ts";
import type { DemoWorkerData, FromWorker, Stage, ToWorker } from "./messages.ts";
import { fill, observe } from "./seed/fill.ts";
import { startupSettings } from "./startup.ts";

const SYNC = Uint8Array.of(0x53, 0, 0, 0, 4);
/**
 * PGlite's own start without `-O` and `-F`, by which system tables could be changed and a crash of the machine lose data; with
 * small buffers, and without a log that only standbys need.
 */
const START = [
  "--single",
  "-j",
  ...[
    "exit_on_error=false",
    "max_worker_processes=0",
    "max_parallel_workers=0",
    "max_parallel_workers_per_gather=0",
    "max_parallel_maintenance_workers=0",
    "io_method=sync",
    "wal_level=minimal",
    "max_wal_senders=0",
    "min_wal_size=32MB",
    "max_wal_size=64MB",
    "shared_buffers=32MB",
    "temp_file_limit=512MB",
    "shared_preload_libraries=pg_stat_statements",
  ].flatMap((setting) => ["-c", setting]),
];

const { directory, seed, inFlight } = workerData as DemoWorkerData;
const post = (message: FromWorker) => parentPort?.postMessage(message);
let last: Uint8Array | undefined;
const stage = (name: Stage) => post({ type: "stage", stage: name });

const database = await boot().catch((error: unknown) => {
  const missing = (error as NodeJS.ErrnoException).code === "ERR_MODULE_NOT_FOUND";
  post(
    missing ? { type: "missing" } : { type: "failed", reason: error instanceof Error ? error.message : String(error) },
  );
  parentPort?.close();
});

if (database) {
  let turn = Promise.resolve();
  parentPort?.on("message", (message: ToWorker) => {
    turn = turn.then(() => obey(database, message));
  });
  post({ type: "ready" });
}

async function boot(): Promise<PGlite> {
  stage("Loading PostgreSQL");
  const { PGlite: create } = await import("@electric-sql/pglite");
  const { pg_stat_statements: statements } = await import("@electric-sql/pglite/contrib/pg_stat_statements");
  // What statements had spilled when they were ended; a standalone server does not remove it.
  if (directory !== undefined) rmSync(join(directory, "base/pgsql_tmp"), { recursive: true, force: true });
  stage(seed ? "Creating the demo database" : "Starting it");
  const made = await create.create({
    ...(directory === undefined ? {} : { dataDir: directory }),
    extensions: {
      // By its setup, PGlite would write a postgresql.conf of that one line.
      statements: {
        name: "statements",
        setup: async (pg, module) => {
          const { bundlePath } = await statements.setup(pg, module);
          return bundlePath ? { bundlePath } : {};
        },
      },
    },
    startParams: START,
  });
  if (seed) {
    stage("Filling it");
    await fill(made);
  }
  // A new directory is only closed and opened again.
  if (!seed || directory === undefined) await observe(made);
  return made;
}

async function obey(made: PGlite, message: ToWorker): Promise<void> {
  if (message.type === "close") {
    await made.close();
    post({ type: "closed" });
    parentPort?.close();
    return;
  }
  let refused = false;
  try {
    if (message.type === "connect") await begin(made, message.bytes);
    await run(made, message.bytes);
  } catch (error) {
    refused = true;
    const { code = "XX000", message: text } = error as Error & { code?: string };
    answer(errorResponse(code, text));
  }
  post({ type: "done", bytes: last, refused });
  if (last) sent(inFlight, last.length);
  last = undefined;
}

// There is one session, and the last client may have left it in any state.
async function begin(made: PGlite, packet: Uint8Array): Promise<void> {
  await made.execProtocolRawStream(SYNC, { onRawData: () => {} });
  await made.exec("ROLLBACK");
  await made.exec("DISCARD ALL");
  for (const [name, value] of startupSettings(packet))
    await made.query("SELECT set_config($1, $2, false)", [name, value]);
}

async function run(made: PGlite, bytes: Uint8Array): Promise<void> {
  await made.execProtocolRawStream(bytes, { onRawData: (part) => answer(part.slice()) });
}

// One behind.
function answer(bytes: Uint8Array): void {
  if (last) {
    post({ type: "bytes", bytes: last });
    sent(inFlight, last.length);
  }
  last = bytes;
}
