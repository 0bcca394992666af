import { spawn } from "node:child_process";
import { setTimeout as pause } from "node:timers/promises";
import type { Result } from "../result.ts";
import type { Contenders } from "./contenders.ts";
import { withClient } from "./fixture.ts";

const TIMES = 10;

/** From `notifications/cancelled` to the moment the server's process list shows nothing running, the worst of ten. */
export async function benchCancel(url: string, sides: Contenders): Promise<Result[]> {
  const { command, args, env } = sides.ours.launch;
  const child = spawn(command, [...args], {
    env: { PATH: process.env["PATH"] ?? "", ...env },
    stdio: ["pipe", "ignore", "ignore"],
  });
  const send = (message: object) => child.stdin.write(`${JSON.stringify({ jsonrpc: "2.0", ...message })}\n`);
  send({
    id: 0,
    method: "initialize",
    params: { protocolVersion: "2025-06-18", capabilities: {}, clientInfo: { name: "bench", version: "0" } },
  });
  send({ method: "notifications/initialized" });
  const worst = await withClient(url, async (watcher) => {
    const running = async () => {
      const { rows } = await watcher.query<{ n: number }>(
        "SELECT count(*)::int AS n FROM pg_stat_activity WHERE state = 'active' AND query LIKE '%pg_sleep(25)%' AND pid <> pg_backend_pid()",
      );
      return rows[0]?.n ?? 0;
    };
    const until = async (wanted: number) => {
      for (const end = performance.now() + 10_000; performance.now() < end;) {
        if ((await running()) === wanted) return;
        await pause(1);
      }
      throw new Error(`still ${await running()} running, ${wanted} wanted`);
    };
    const times: number[] = [];
    for (let id = 1; id <= TIMES; id++) {
      send({ id, method: "tools/call", params: { name: "query", arguments: { sql: "SELECT pg_sleep(25)" } } });
      await until(1);
      const from = performance.now();
      send({ method: "notifications/cancelled", params: { requestId: id } });
      await until(0);
      times.push(performance.now() - from);
    }
    return Math.max(...times);
  });
  child.stdin.end();
  return [
    {
      id: "pg-cancel",
      what: "cancelled call to idle backend, worst of ten",
      unit: "ms",
      ours: worst,
      bar: { at: "≤", value: 100 },
    },
  ];
}
