import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Result } from "../result.ts";
import { interleaved, median } from "../statistics.ts";
import { launch } from "../stdio-client.ts";
import type { Contenders } from "./contenders.ts";

/** A new file in a directory that holds 50,000. */
export async function benchCreate({ ours, peer, folder }: Contenders): Promise<Result[]> {
  const directory = join(folder, "many");
  mkdirSync(directory);
  for (let i = 0; i < 50_000; i++) writeFileSync(join(directory, `f${i}`), "");
  const sides = { ours: await launch(ours(directory, "write")), peer: await launch(peer(directory)) };
  let next = 0;
  const one = async (call: (path: string) => Promise<unknown>) => {
    const started = performance.now();
    await call(join(directory, `new-${next++}`));
    return performance.now() - started;
  };
  // The peer's own way to make a file does not look at the directory; listing before creating is what a reader of the
  // folder pays, and 41 ms is what that costs with 50,000 entries on the machine the bar was measured on.
  const times = await interleaved(40, {
    ours: () => one((path) => sides.ours.call("write", { path, content: "x" })),
    listing: () => one(() => sides.peer.call("list_directory", { path: directory })),
    peer: () => one((path) => sides.peer.call("write_file", { path, content: "x" })),
  });
  await Promise.all([sides.ours.close(), sides.peer.close()]);
  return [
    {
      id: "create",
      what: "create a file in a directory of 50,000",
      unit: "ms",
      ours: median(times.ours),
      peer: median(times.listing),
      peerName: "listing it",
      bar: { at: "≤", value: 0.1 },
      note: `peer's write_file, which overwrites: ${median(times.peer).toFixed(2)} ms`,
    },
  ];
}
