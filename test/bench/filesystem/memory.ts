import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import type { Result } from "../result.ts";
import { launch, type StdioClient } from "../stdio-client.ts";
import type { Contenders } from "./contenders.ts";

/** What stays resident from call 10,000 to call 110,000, each after two forced collections. */
export async function benchMemory({ ours, folder }: Contenders): Promise<Result[]> {
  const directory = join(folder, "memory");
  mkdirSync(directory);
  const file = join(directory, "a.txt");
  writeFileSync(file, "some text\n".repeat(100));
  const client = await launch(
    ours(directory, "read", ["--expose-gc", "--import", new URL("collect.mjs", import.meta.url).href]),
  );
  await calls(client, file, 10_000);
  const before = await settled(client);
  await calls(client, file, 100_000);
  const after = await settled(client);
  await client.close();
  return [
    {
      id: "growth",
      what: "memory growth from call 10,000 to 110,000",
      unit: "MB",
      ours: Math.max(0, after - before),
      bar: { at: "≤", value: 15 },
      note: `${before.toFixed(1)} → ${after.toFixed(1)} MB`,
    },
  ];
}

async function calls(client: StdioClient, file: string, total: number): Promise<void> {
  let next = 0;
  await Promise.all(
    Array.from({ length: 16 }, async () => {
      while (next++ < total) await client.call("read", { paths: [file] });
    }),
  );
}

async function settled(client: StdioClient): Promise<number> {
  for (let i = 0; i < 2; i++) {
    process.kill(client.pid, "SIGUSR2");
    await pause(500);
  }
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${client.pid}/status`, "utf8"))?.[1]) / 1_024;
}
