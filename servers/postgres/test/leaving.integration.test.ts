import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { type Postgres, startPostgres } from "@mooring/testing";
import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";

const bin = fileURLToPath(new URL("../dist/bin.js", import.meta.url));
let server: Postgres;
let admin: pg.Client;
beforeAll(async () => {
  server = await startPostgres();
  admin = new pg.Client(server.url);
  await admin.connect();
});
afterAll(async () => {
  await admin.end();
  await server.stop();
});

const running = async () => {
  const { rows } = await admin.query<{ n: number }>(
    "SELECT count(*)::int AS n FROM pg_stat_activity WHERE state = 'active' AND query LIKE '%pg_sleep(20)%' AND pid <> pg_backend_pid()",
  );
  return rows[0]?.n;
};

/** A host that starts the built program and has it run something long. */
async function busy() {
  const child = spawn(process.execPath, [bin, "--drain", "200ms"], {
    env: { PATH: process.env["PATH"] ?? "", DATABASE_URL: server.url },
    stdio: ["pipe", "ignore", "ignore"],
  });
  const send = (message: object) => child.stdin.write(`${JSON.stringify({ jsonrpc: "2.0", ...message })}\n`);
  const clientInfo = { name: "test", version: "0" };
  send({ id: 1, method: "initialize", params: { protocolVersion: "2025-06-18", capabilities: {}, clientInfo } });
  send({ method: "notifications/initialized" });
  send({ id: 2, method: "tools/call", params: { name: "query", arguments: { sql: "SELECT pg_sleep(20)" } } });
  await expect.poll(running, { timeout: 10_000 }).toBe(1);
  return child;
}

test.for([
  ["goes away", (child: Awaited<ReturnType<typeof busy>>) => child.stdin.end(), 1_500],
  ["asks it to end", (child: Awaited<ReturnType<typeof busy>>) => child.kill("SIGTERM"), 2_500],
  // Nobody is left to cancel: the server looks for itself (PostgreSQL 14 and later).
  ["kills it", (child: Awaited<ReturnType<typeof busy>>) => child.kill("SIGKILL"), 6_000],
] as const)("a host that %s leaves nothing running in the server", async ([, leave, within]) => {
  const child = await busy();
  leave(child);
  await expect.poll(running, { timeout: within, interval: 50 }).toBe(0);
});
