import { setTimeout as pause } from "node:timers/promises";
import type { Result } from "../result.ts";
import { interleaved, median } from "../statistics.ts";
import { type Contender, type Contenders, start } from "./contenders.ts";

/** From spawn to the first result, listing the tools on the way as hosts do. The compile cache is warm. */
export async function benchCold(sides: Contenders): Promise<Result[]> {
  const first = (side: Contender) => async () => {
    const from = performance.now();
    const { client } = await start(side);
    const took = performance.now() - from;
    // The cache is written a second after the start.
    await pause(1_200);
    await client.close();
    return took;
  };
  const figures = await interleaved(10, Object.fromEntries(sides.all.map((side) => [side.name, first(side)])));
  return (
    [
      ["server-postgres", 1.2],
      ["dbhub", 0.4],
    ] as const
  ).map(([peer, value]) => ({
    id: `pg-cold-${peer}`,
    what: "spawn to the first result of a query",
    unit: "ms",
    ours: median(figures["ours"] ?? []),
    peer: median(figures[peer] ?? []),
    peerName: peer,
    bar: { at: "≤", value },
  }));
}
