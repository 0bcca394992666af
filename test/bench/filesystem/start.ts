import type { Result } from "../result.ts";
import { compareStarts } from "../start.ts";
import { launch } from "../stdio-client.ts";
import type { Contenders } from "./contenders.ts";

/** From spawn to the answer of `tools/list`, what is resident then, and how long the list is. */
export async function benchStart({ ours, peer, folder }: Contenders): Promise<Result[]> {
  const starts = await compareStarts({ ours: ours(folder), peer: peer(folder) });
  const [full, other] = [await launch(ours(folder, "full")), await launch(peer(folder))];
  const bytes = [full.listBytes, other.listBytes] as const;
  await Promise.all([full.close(), other.close()]);
  return [
    {
      id: "start",
      what: "spawn to tools/list, median of 10",
      unit: "ms",
      ours: starts.ours.ms,
      peer: starts.peer.ms,
      bar: { at: "≤", value: 0.7 },
    },
    {
      id: "rss",
      what: "resident memory after tools/list",
      unit: "MB",
      ours: starts.ours.mb,
      peer: starts.peer.mb,
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
