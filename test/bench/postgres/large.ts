import type { Result } from "../result.ts";
import { median } from "../statistics.ts";
import { type Contenders, start } from "./contenders.ts";

const ROUNDS = 3;

/** A million rows asked for: how long until there is an answer, and how much memory that took. A new process each time. */
export async function benchLarge(sides: Contenders): Promise<Result[]> {
  const times = new Map<string, number[]>();
  const peaks = new Map<string, number[]>();
  const bytes = new Map<string, number>();
  for (let round = 0; round < ROUNDS; round++)
    for (const side of sides.all) {
      const running = await start(side);
      const from = performance.now();
      const answer = await running.sql("SELECT * FROM million");
      note(times, side.name, performance.now() - from);
      note(peaks, side.name, running.client.memory().peak);
      bytes.set(side.name, answer.bytes);
      if (side.name === "ours" && !answer.result.content?.[0]?.text?.startsWith("200 rows; cut: there are more"))
        throw new Error("the answer does not say that it is cut");
      await running.client.close();
    }
  const of = (figures: Map<string, number[]>, name: string) => median(figures.get(name) ?? []);
  return sides.peers.flatMap(({ name }): Result[] => [
    {
      id: `pg-million-${name}`,
      what: "a million rows asked for, time to an answer",
      unit: "ms",
      ours: of(times, "ours"),
      peer: of(times, name),
      peerName: name,
      bar: { at: "≤", value: 1 / 15 },
      note: `${size(bytes.get("ours"))} against ${size(bytes.get(name))}`,
    },
    {
      id: `pg-million-rss-${name}`,
      what: "a million rows asked for, peak memory",
      unit: "MB",
      ours: of(peaks, "ours"),
      peer: of(peaks, name),
      peerName: name,
      bar: { at: "≤", value: 0.15 },
    },
  ]);
}

function note(figures: Map<string, number[]>, name: string, value: number): void {
  figures.set(name, [...(figures.get(name) ?? []), value]);
}

function size(bytes = 0): string {
  return bytes > 1e6 ? `${(bytes / 1e6).toFixed(0)} MB` : `${(bytes / 1e3).toFixed(0)} kB`;
}
