import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { NEEDLE, writeTree } from "../../../servers/filesystem/test/search/tree.ts";
import type { Result } from "../result.ts";
import { interleaved, median } from "../statistics.ts";
import { launch } from "../stdio-client.ts";
import type { Contenders } from "./contenders.ts";

/** 100,000 files; both sides on the same two processors, where the machine has more. */
export async function benchSearch({ ours, peer, folder }: Contenders, rg: string): Promise<Result[]> {
  const tree = join(folder, "tree");
  const { files } = writeTree(tree);
  const pin = process.platform === "linux" ? ["taskset", "-c", "0,1"] : [];
  const pinned = (how: { command: string; args: readonly string[]; env?: Readonly<Record<string, string>> }) =>
    pin.length > 0 ? { ...how, command: pin[0] as string, args: [...pin.slice(1), how.command, ...how.args] } : how;
  const sides = { ours: await launch(pinned(ours(tree))), peer: await launch(pinned(peer(tree))) };
  const time = async (work: () => unknown) => {
    const started = performance.now();
    await work();
    return performance.now() - started;
  };
  const ripgrep = (args: readonly string[]) =>
    time(() =>
      execFileSync(pin[0] ?? rg, [...pin.slice(1), ...(pin.length > 0 ? [rg] : []), ...args, tree], {
        stdio: ["ignore", "pipe", "ignore"],
        maxBuffer: 1 << 30,
      }),
    );
  const find = await interleaved(5, {
    ours: () => time(() => sides.ours.call("search", { path: tree, glob: "**/*.md", limit: 5_000 })),
    rg: () => ripgrep(["--files", "-g", "**/*.md"]),
  });
  const slow = await interleaved(2, {
    peer: () => time(() => sides.peer.call("search_files", { path: tree, pattern: "**/*.md" })),
  });
  const grep = await interleaved(5, {
    ours: () => time(() => sides.ours.call("search", { path: tree, pattern: NEEDLE, all: true, limit: 5_000 })),
    rg: () => ripgrep(["-uu", "-n", "-F", NEEDLE]),
  });
  await Promise.all([sides.ours.close(), sides.peer.close()]);
  const of = `${files.toLocaleString("en")} files`;
  return [
    {
      id: "find",
      what: `find **/*.md in ${of}`,
      unit: "ms",
      ours: median(find.ours),
      peer: median(slow.peer),
      bar: { at: "≤", value: 0.05 },
    },
    {
      id: "findrg",
      what: "the same against rg --files",
      unit: "ms",
      ours: median(find.ours),
      peer: median(find.rg),
      peerName: "rg",
      bar: { at: "≤", value: 1.2 },
    },
    {
      id: "grep",
      what: `grep a literal in ${of}, all`,
      unit: "ms",
      ours: median(grep.ours),
      peer: median(grep.rg),
      peerName: "rg -uu",
      bar: { at: "≤", value: 1.2 },
    },
  ];
}
