import { randomBytes } from "node:crypto";
import { createWriteStream, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { once } from "node:events";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Result } from "../result.ts";
import { interleaved, median } from "../statistics.ts";
import { launch, type StdioClient } from "../stdio-client.ts";
import type { Contenders } from "./contenders.ts";

type Read = (client: StdioClient, path: string) => ReturnType<StdioClient["call"]>;
const oursReads: Read = (client, path) => client.call("read", { paths: [path] });
const peerReads: Read = (client, path) => client.call("read_text_file", { path });

export async function benchRead({ ours, peer, folder }: Contenders): Promise<Result[]> {
  const directory = join(folder, "read");
  mkdirSync(directory);
  const small = Array.from({ length: 64 }, (_, i) => join(directory, `small-${i}.txt`));
  for (const file of small) writeFileSync(file, `${randomBytes(511).toString("hex")}\n\n`.slice(0, 1_024));
  const typescript = join(directory, "source.ts");
  writeFileSync(typescript, sourceText(65_536));
  await writeLines(join(directory, "10mb.log"), 10_000_000);
  await writeLines(join(directory, "100mb.log"), 100_000_000);

  const sides = { ours: await launch(ours(directory)), peer: await launch(peer(directory)) };
  const sequential = await interleaved(8, {
    ours: () => p50(sides.ours, oursReads, small),
    peer: () => p50(sides.peer, peerReads, small),
  });
  const parallel = await interleaved(8, {
    ours: () => throughput(sides.ours, oursReads, small),
    peer: () => throughput(sides.peer, peerReads, small),
  });
  const content = Buffer.byteLength(readFileSync(typescript));
  const wire = (await sides.ours.call("read", { paths: [typescript], max_bytes: 1_000_000 })).bytes / content;
  const wirePeer = (await peerReads(sides.peer, typescript)).bytes / content;
  await Promise.all([sides.ours.close(), sides.peer.close()]);

  const peaks = { ours: [] as number[], peer: [] as number[] };
  // A fresh process each time: a peak is never forgotten.
  const large = async (side: "ours" | "peer", read: Read) => {
    const client = await launch(side === "ours" ? ours(directory) : peer(directory));
    const started = performance.now();
    await read(client, join(directory, "10mb.log"));
    const ms = performance.now() - started;
    peaks[side].push(client.memory().peak);
    await client.close();
    return ms;
  };
  const page = await interleaved(5, { ours: () => large("ours", oursReads), peer: () => large("peer", peerReads) });
  const client = await launch(ours(directory));
  const started = performance.now();
  const huge = await oursReads(client, join(directory, "100mb.log"));
  const hugeMs = performance.now() - started;
  await client.close();
  return [
    {
      id: "read",
      what: "read 1 KB, one after the other, p50",
      unit: "ms",
      ours: median(sequential.ours),
      peer: median(sequential.peer),
      bar: { at: "≤", value: 0.6 },
    },
    {
      id: "read32",
      what: "read 1 KB, 32 at once",
      unit: "calls/s",
      ours: median(parallel.ours),
      peer: median(parallel.peer),
      bar: { at: "≥", value: 1.3 },
    },
    {
      id: "wire",
      what: "wire bytes per content byte, 64 KB of TypeScript",
      unit: "B/B",
      ours: wire,
      bar: { at: "≤", value: 1.1 },
      note: `peer ${wirePeer.toFixed(2)}`,
    },
    {
      id: "page",
      what: "first 64 KB page of 10 MB, against the whole read",
      unit: "ms",
      ours: median(page.ours),
      peer: median(page.peer),
      bar: { at: "≤", value: 0.15 },
    },
    {
      id: "pagerss",
      what: "peak memory of the same",
      unit: "MB",
      ours: median(peaks.ours),
      peer: median(peaks.peer),
      bar: { at: "≤", value: 0.6 },
    },
    {
      id: "huge",
      what: "a 100 MB file answers",
      unit: "ms",
      ours: huge.result.isError ? Number.POSITIVE_INFINITY : hugeMs,
      bar: { at: "≤", value: 1_000 },
    },
  ];
}

async function p50(client: StdioClient, read: Read, files: readonly string[]): Promise<number> {
  const times: number[] = [];
  for (let i = 0; i < 400; i++) {
    const started = performance.now();
    await read(client, files[i % files.length] as string);
    times.push(performance.now() - started);
  }
  return median(times);
}

async function throughput(client: StdioClient, read: Read, files: readonly string[]): Promise<number> {
  const total = 6_000;
  let next = 0;
  const started = performance.now();
  await Promise.all(
    Array.from({ length: 32 }, async () => {
      while (next < total) await read(client, files[next++ % files.length] as string);
    }),
  );
  return total / ((performance.now() - started) / 1_000);
}

/** Real TypeScript: this repository's own. */
function sourceText(bytes: number): string {
  const core = fileURLToPath(new URL("../../../packages/core/src/", import.meta.url));
  let text = "";
  for (const name of ["options.ts", "load-options.ts", "confirm.ts", "server.ts", "serve-http.ts", "help.ts"])
    text += readFileSync(join(core, name), "utf8");
  while (text.length < bytes) text += text;
  return text.slice(0, text.lastIndexOf("\n", bytes) + 1);
}

async function writeLines(file: string, bytes: number): Promise<void> {
  const stream = createWriteStream(file);
  const block = Array.from({ length: 1_000 }, (_, i) => `${i} the quick brown fox jumps over the lazy dog\n`).join("");
  for (let written = 0; written < bytes; written += block.length) if (!stream.write(block)) await once(stream, "drain");
  stream.end();
  await once(stream, "finish");
}
