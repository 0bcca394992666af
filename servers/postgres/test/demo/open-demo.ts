import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Log } from "@mooring/core";
import pg from "pg";
import { type Demo, type DemoOptions, demoSettings } from "../../src/demo/database.ts";

export interface OpenDemo extends AsyncDisposable, Demo {
  readonly stateDir: string;
  /** `level message`, with what went wrong. */
  readonly logged: string[];
  client(options?: pg.ClientConfig): Promise<pg.Client>;
}

/** A log that remembers. */
export function memoryLog(logged: string[]): Log {
  const writer = (level: string) => (message: string, fields?: Readonly<Record<string, unknown>>) => {
    const { error } = fields ?? {};
    logged.push(`${level} ${message}${error instanceof Error ? ` (${error.message})` : ""}`);
  };
  const log: Log = {
    error: writer("error"),
    warn: writer("warn"),
    info: writer("info"),
    debug: writer("debug"),
    child: () => log,
    enabled: () => true,
  };
  return log;
}

export const emptyState = () => mkdtemp(join(tmpdir(), "mooring-demo-"));

/** A state folder of its own; a copy of `from` where that is given. */
export async function openDemo({ from, ...options }: Partial<DemoOptions> & { from?: string } = {}): Promise<OpenDemo> {
  const stateDir = options.stateDir ?? (await emptyState());
  if (from !== undefined) await cp(from, stateDir, { recursive: true });
  const logged: string[] = [];
  const demo = demoSettings({ statementTimeout: 20_000, log: memoryLog(logged), ...options, stateDir });
  const clients: pg.Client[] = [];
  return {
    settings: demo.settings,
    boot: (progress) => demo.boot(progress),
    get kept() {
      return demo.kept;
    },
    close: () => demo.close(),
    stateDir,
    logged,
    async client(more = {}) {
      const { user, database, addresses, stream } = demo.settings;
      const client = new pg.Client({ user, database, stream: () => stream?.(addresses[0]) as never, ...more });
      client.on("error", () => {});
      clients.push(client);
      await client.connect();
      return client;
    },
    async [Symbol.asyncDispose]() {
      for (const client of clients) await client.end().catch(() => {});
      await demo.close();
      if (options.stateDir === undefined) await rm(stateDir, { recursive: true, force: true });
    },
  };
}
