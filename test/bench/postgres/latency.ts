import type { Result } from "../result.ts";
import { median } from "../statistics.ts";
import type { Contenders, Running } from "./contenders.ts";
import { start } from "./contenders.ts";

const CALLS = 1_500;
const WARM = 200;

const cases: readonly { readonly id: string; readonly what: string; text(i: number): string }[] = [
  { id: "one", what: "SELECT 1", text: (i) => `SELECT ${i} AS one` },
  { id: "key", what: "primary-key lookup", text: (i) => `SELECT * FROM items WHERE id = ${(i % 5_000) + 1}` },
  {
    id: "hundred",
    what: "100 rows",
    text: (i) => `SELECT * FROM items WHERE id BETWEEN ${(i % 5_000) + 1} AND ${(i % 5_000) + 100} ORDER BY id`,
  },
];

/** p50 of one call at a time, call by call in turn, each with a text of its own and then always with the same. */
export async function benchLatency(sides: Contenders): Promise<Result[]> {
  const results: Result[] = [];
  const running = await Promise.all([...sides.all, sides.floor].map(start));
  for (const { id, what, text } of cases)
    for (const kind of ["texts", "text"] as const) {
      const figures = await inTurn(running, (i) => text(kind === "texts" ? i : 1));
      for (const [peer, value] of [
        ["server-postgres", 0.9],
        ["dbhub", 0.6],
      ] as const)
        results.push({
          id: `pg-${id}-${kind}-${peer}`,
          what: `query p50, ${what}, ${kind === "texts" ? "a text for each call" : "one text"}`,
          unit: "ms",
          ours: median(figures.get("ours") ?? []),
          peer: median(figures.get(peer) ?? []),
          peerName: peer,
          bar: { at: "≤", value },
          note: `the least on this driver: ${(median(figures.get("floor") ?? []) / median(figures.get(peer) ?? [])).toFixed(2)}×`,
        });
    }
  await Promise.all(running.map(({ client }) => client.close()));
  return results;
}

async function inTurn(running: readonly Running[], text: (i: number) => string): Promise<Map<string, number[]>> {
  const figures = new Map<string, number[]>(running.map(({ name }) => [name, []]));
  for (let i = 0; i < WARM + CALLS; i++)
    for (const { name, sql } of i % 2 ? running : [...running].reverse()) {
      const from = performance.now();
      await sql(text(i));
      if (i >= WARM) figures.get(name)?.push(performance.now() - from);
    }
  return figures;
}
