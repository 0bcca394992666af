import type { Log } from "@mooring/core";
import type { ConnectionSettings } from "../connection/settings.ts";
import { createEngine } from "./engine.ts";
import { stages } from "./messages.ts";
import { OWNER } from "./seed/schema.ts";
import { startFailure } from "./start-failure.ts";
import { DemoStream } from "./stream.ts";

export interface DemoOptions {
  readonly stateDir: string;
  readonly log: Log;
  /** Milliseconds that a statement may take: PGlite takes `statement_timeout` and does not heed it. 0: no limit. */
  readonly statementTimeout: number;
  /** See `EngineOptions`. */
  readonly idleMs?: number;
}

/** The embedded demo database: PGlite in a thread, started by the first connection. */
export interface Demo {
  /** One connection at a time; a second one waits for the first. Cancel requests work as with a server. */
  readonly settings: ConnectionSettings;
  /** Starts it, which else the first connection does, and says how far it is. Throws `unavailable`. */
  boot(progress?: (done: number, total: number, message: string) => void): Promise<void>;
  /** What is written stays when the server ends; `undefined` before the first start. */
  readonly kept: boolean | undefined;
  close(): Promise<void>;
}

/** Milliseconds; longer than the longest boot, which says better what is wrong. */
const CONNECT_TIMEOUT = 150_000;

/** Starts nothing. */
export function demoSettings({ statementTimeout, ...options }: DemoOptions): Demo {
  const engine = createEngine(options);
  return {
    settings: {
      addresses: [{ host: "localhost", port: 5432 }],
      user: OWNER,
      database: "postgres",
      password: async () => undefined,
      ssl: { mode: "disable", options: {}, direct: false },
      target: "any",
      options: "",
      applicationName: "mooring",
      connectTimeout: CONNECT_TIMEOUT,
      pooler: false,
      stream: () => new DemoStream(engine, statementTimeout),
    },
    async boot(progress = () => {}) {
      try {
        await engine.start((stage) => progress(stages.indexOf(stage), stages.length, stage));
        progress(stages.length, stages.length, "Started");
      } catch (error) {
        throw startFailure(error);
      }
    },
    get kept() {
      return engine.kept;
    },
    close: () => engine.close(),
  };
}
