import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Result } from "../result.ts";
import { interleaved, median } from "../statistics.ts";
import { contenders, type PostgresPeers, start } from "./contenders.ts";

const run = promisify(execFile);

/** A million rows into a CSV file, against psql's \copy of the same query. Both files are compared. */
export async function benchExport(url: string, peers: PostgresPeers, psql: string): Promise<Result[]> {
  const folder = mkdtempSync(join(tmpdir(), "mooring-export-"));
  using sides = contenders(url, peers, ["--export-dir", folder]);
  const running = await start(sides.ours);
  const sql = "SELECT * FROM million ORDER BY id";
  let n = 0;
  const sizes = new Set<number>();
  const timed = async (work: (file: string) => Promise<unknown>) => {
    const file = `${++n}.csv`;
    const from = performance.now();
    await work(file);
    const took = performance.now() - from;
    sizes.add(statSync(join(folder, file)).size);
    rmSync(join(folder, file));
    return took;
  };
  const figures = await interleaved(5, {
    ours: () => timed((file) => running.sql(sql, { format: "csv", to: file })),
    psql: () => timed((file) => run(psql, [url, "-qc", `\\copy (${sql}) TO '${join(folder, file)}' CSV HEADER`])),
  });
  await running.client.close();
  rmSync(folder, { recursive: true });
  if (sizes.size !== 1) throw new Error(`the files differ: ${[...sizes].join(", ")} bytes`);
  return [
    {
      id: "pg-export",
      what: "a million rows as CSV into a file",
      unit: "ms",
      ours: median(figures.ours),
      peer: median(figures.psql),
      peerName: "psql \\copy",
      bar: { at: "≤", value: 1.3 },
    },
  ];
}
