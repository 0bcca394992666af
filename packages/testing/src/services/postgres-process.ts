import { execFile, spawn } from "node:child_process";
import { chmod, chown, mkdtemp, rm, writeFile } from "node:fs/promises";
import { existsSync } from "node:fs";
import { once } from "node:events";
import os from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { onFreePort } from "./free-port.ts";
import { type PostgresOptions, type PostgresServer, settingsArguments } from "./postgres-server.ts";
import { type Ids, postgresBinaries, unprivileged } from "./postgres-binaries.ts";
import { service } from "./service.ts";
import { tail } from "../tail.ts";

/** Throws with the server's own log when it does not start. */
export async function postgresProcess(options: PostgresOptions): Promise<PostgresServer> {
  const binaries = postgresBinaries();
  return service("postgres", await onFreePort((port) => start(binaries, port, options)));
}

// The server goes when our end of its stdin closes, even by SIGKILL, and takes its directory ($0) with it.
const GUARD = `
  exec 3<&0
  (read -r _ <&3; kill -INT $$; while kill -0 $$; do sleep 0.1; done; rm -rf "$0") >/dev/null 2>&1 &
  exec "$@" 3<&- </dev/null`;

async function start(
  binaries: string,
  port: number,
  options: PostgresOptions,
): Promise<Omit<PostgresServer, keyof AsyncDisposable>> {
  // initdb and postgres refuse to run as root.
  const ids = process.getuid?.() === 0 ? unprivileged() : undefined;
  const directory = await initialized(binaries, ids);
  const settings = ["-D", `${directory}/data`, "-p", String(port), "-k", directory];
  const listen = ["-c", "listen_addresses=127.0.0.1"];
  const server = [`${binaries}/postgres`, ...settings, ...listen, ...settingsArguments(options)];
  const child = spawn("/bin/sh", ["-c", GUARD, directory, ...server], {
    ...run(directory, ids),
    stdio: ["pipe", "ignore", "pipe"],
  });
  const logs = tail(child.stderr);
  const exited = once(child, "exit");
  const stop = async () => {
    child.stdin.end();
    await exited;
    // The guard may be at it too.
    await rm(directory, { recursive: true, force: true, maxRetries: 3 });
  };

  const ready = new Promise<true>((resolve) => {
    child.stderr.on("data", () => {
      if (logs().includes("ready to accept connections")) resolve(true);
    });
  });
  if ((await Promise.race([ready, exited])) !== true) {
    await stop();
    throw new Error(`PostgreSQL (${binaries}) did not start: ${logs()}`);
  }
  return { url: `postgres://test:test@127.0.0.1:${port}/postgres`, mode: "process", describe: binaries, logs, stop };
}

/** A new cluster whose superuser `test` has the password `test`, in memory where there is room for files in it. */
async function initialized(binaries: string, ids: Ids | undefined): Promise<string> {
  const directory = await mkdtemp(path.join(existsSync("/dev/shm") ? "/dev/shm" : os.tmpdir(), "mooring-postgres-"));
  const password = path.join(directory, "password");
  await writeFile(password, "test", { mode: 0o600 });
  await chmod(directory, 0o700);
  if (ids) for (const file of [directory, password]) await chown(file, ids.uid, ids.gid);
  const args = ["-D", `${directory}/data`, "-U", "test", "-A", "scram-sha-256", "--pwfile", password];
  try {
    await promisify(execFile)(`${binaries}/initdb`, [...args, "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"], {
      ...run(directory, ids),
    });
  } catch (error) {
    await rm(directory, { recursive: true, force: true });
    throw error;
  }
  return directory;
}

function run(directory: string, ids: Ids | undefined) {
  return { ...ids, cwd: directory, env: { PATH: process.env["PATH"], LANG: "C.UTF-8" } };
}
