import { setTimeout as pause } from "node:timers/promises";
import { interleaved, median } from "./statistics.ts";
import { type Launch, launch } from "./stdio-client.ts";

/** Medians of ten starts. */
export interface Starts {
  /** Milliseconds from spawn to the answer of `tools/list`. */
  readonly ms: number;
  /** What is resident once that has settled, in MB. */
  readonly mb: number;
}

/** Starts both ten times in turn. */
export async function compareStarts(sides: {
  readonly ours: Launch;
  readonly peer: Launch;
}): Promise<{ readonly ours: Starts; readonly peer: Starts }> {
  const resident = { ours: [] as number[], peer: [] as number[] };
  const start = async (name: "ours" | "peer") => {
    const client = await launch(sides[name]);
    // A host lets its servers settle; so does the compile cache, which is written after a second.
    await pause(1_200);
    resident[name].push(client.memory().rss);
    await client.close();
    return client.listedMs;
  };
  const times = await interleaved(10, { ours: () => start("ours"), peer: () => start("peer") });
  const starts = (name: "ours" | "peer") => ({ ms: median(times[name]), mb: median(resident[name]) });
  return { ours: starts("ours"), peer: starts("peer") };
}
