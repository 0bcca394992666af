import type { Result } from "../result.ts";
import { interleaved, median } from "../statistics.ts";
import { type Contenders, type Running, start } from "./contenders.ts";

const IN_FLIGHT = 64;
const CALLS = 4_000;

/** Calls a second with 64 of them under way, in rounds that alternate. */
export async function benchThroughput(sides: Contenders): Promise<Result[]> {
  const running = await Promise.all(sides.all.map(start));
  const round = (side: Running) => async () => {
    let next = 0;
    const from = performance.now();
    await Promise.all(
      Array.from({ length: IN_FLIGHT }, async () => {
        while (next < CALLS) await side.sql(`SELECT ${next++} AS one`);
      }),
    );
    return (CALLS / (performance.now() - from)) * 1_000;
  };
  const rounds = Object.fromEntries(running.map((side) => [side.name, round(side)]));
  const figures = await interleaved(6, rounds);
  await Promise.all(running.map(({ client }) => client.close()));
  return (
    [
      ["server-postgres", 1],
      ["dbhub", 1.8],
    ] as const
  ).map(([peer, value]) => ({
    id: `pg-throughput-${peer}`,
    what: "query, 64 in flight",
    unit: "calls/s",
    ours: median(figures["ours"] ?? []),
    peer: median(figures[peer] ?? []),
    peerName: peer,
    bar: { at: "≥", value },
  }));
}
