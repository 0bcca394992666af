import type { Audit } from "./audit.ts";
import type { ServerDefinition } from "./definition.ts";
import { exitCodes } from "./exit-codes.ts";
import type { Host } from "./host.ts";
import type { CommonConfig } from "./options.ts";
import { serveOverStdio } from "./serve-stdio.ts";
import type { Prepared } from "./server.ts";
import { freezeYoungGeneration } from "./young-generation.ts";

export interface ServeOptions<Deps> {
  readonly definition: ServerDefinition<Deps>;
  readonly config: CommonConfig;
  readonly host: Host;
  readonly audit: Audit | undefined;
  close(): Promise<void>;
}

/** A transport that is running: how to stop taking new work, and how to end it. */
export interface Serving {
  /** No new connections; what runs goes on. */
  stopAccepting?(): Promise<void> | void;
  /** Everything that was answered has left. */
  flush(): Promise<void>;
  close(): Promise<void>;
}

/** How long late requests that were already on their way are still read after SIGTERM. */
const LINGER_MS = 100;
/** Pools and timers get this long to end; then the process ends anyway. */
const CLOSE_MS = 1_000;

/** Serves until the host goes: stdin's end, a broken stdout, a vanished parent, SIGTERM or SIGINT. Returns when it serves. */
export async function serveProcess<Deps>(prepared: Prepared, options: ServeOptions<Deps>): Promise<void> {
  const { config, host, audit } = options;
  let ending = false;
  let serving: Serving | undefined;

  const end = async (status: number, drain: boolean) => {
    if (ending) return;
    ending = true;
    // Whatever hangs below, the process does not.
    setTimeout(() => process.exit(status), (drain ? config.drain : 0) + CLOSE_MS + LINGER_MS).unref();
    if (drain) {
      await serving?.stopAccepting?.();
      await pause(LINGER_MS);
      prepared.drain();
      await Promise.race([prepared.idle(), pause(config.drain)]);
      // An answer is on its way a few ticks after its call has ended.
      await pause(5);
      await serving?.flush();
    }
    await Promise.race([Promise.allSettled([serving?.close(), options.close()]), pause(CLOSE_MS)]);
    prepared.close();
    audit?.close();
    process.exit(status);
  };

  for (const signal of ["SIGTERM", "SIGINT"] as const) process.on(signal, () => void end(exitCodes.done, true));
  process.on("uncaughtException", (error) => {
    host.log.error("uncaught exception", { error });
    void end(exitCodes.failed, false);
  });
  process.on("unhandledRejection", (error) => host.log.error("unhandled rejection", { error }));

  freezeYoungGeneration();
  if (config.http) {
    const { serveOverHttp } = await import("./http.ts");
    serving = await serveOverHttp(prepared, { config, host, server: options.definition.name });
    return;
  }
  serving = serveOverStdio(prepared, {
    log: host.log,
    onEnd(problem) {
      if (problem) process.stderr.write(`mooring-${options.definition.name} ends: ${problem.message}.\n`);
      void end(problem ? exitCodes.failed : exitCodes.done, false);
    },
  });
  watchParent(() => void end(exitCodes.done, false));
}

/** Pipes can outlive the parent when something else holds them; its process id cannot. */
function watchParent(gone: () => void): void {
  const parent = process.ppid;
  if (parent <= 1) return;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    gone();
  }, 1_000);
  timer.unref();
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
