import { setTimeout as pause } from "node:timers/promises";
import type { Result } from "../result.ts";
import { interleaved, median } from "../statistics.ts";
import { type Launch, launch } from "../stdio-client.ts";
import type { Contenders } from "./contenders.ts";

/** From spawn to the answer of `tools/list`, what is resident then, and how long the list is. */
export async function benchStart({ ours, peer, folder }: Contenders): Promise<Result[]> {
  const resident = { ours: [] as number[], peer: [] as number[] };
  const start = async (name: "ours" | "peer", how: Launch) => {
    const client = await launch(how);
    // A host lets its servers settle; so does the compile cache, which is written after a second.
    await pause(1_200);
    resident[name].push(client.memory().rss);
    await client.close();
    return client.listedMs;
  };
  const times = await interleaved(10, {
    ours: () => start("ours", ours(folder)),
    peer: () => start("peer", peer(folder)),
  });
  const [full, other] = [await launch(ours(folder, "full")), await launch(peer(folder))];
  const bytes = [full.listBytes, other.listBytes] as const;
  await Promise.all([full.close(), other.close()]);
  return [
    {
      id: "start",
      what: "spawn to tools/list, median of 10",
      unit: "ms",
      ours: median(times.ours),
      peer: median(times.peer),
      bar: { at: "≤", value: 0.7 },
    },
    {
      id: "rss",
      what: "resident memory after tools/list",
      unit: "MB",
      ours: median(resident.ours),
      peer: median(resident.peer),
      bar: { at: "≤", value: 1 },
    },
    {
      id: "list",
      what: "tools/list at --access full",
      unit: "B",
      ours: bytes[0],
      peer: bytes[1],
      bar: { at: "≤", value: 0.45 },
    },
  ];
}
