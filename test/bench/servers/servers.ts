import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { measureTools } from "@mooring/testing";
import { type ProductServer, productServers, type StartedSample } from "../../product-servers.ts";
import type { Result } from "../result.ts";
import { compareStarts } from "../start.ts";
import { type Launch, launch } from "../stdio-client.ts";

const smallest = fileURLToPath(new URL("smallest-sdk.mjs", import.meta.url));

/** What every server of servers/ costs before its first call, against the smallest server on the bare SDK. */
export async function benchServers(): Promise<Result[]> {
  const results: Result[] = [];
  for (const server of productServers.filter(({ isTemplate }) => !isTemplate)) {
    await using sample = await server.sample();
    results.push(...(await starts(server, sample)), ...(await lists(server, sample)));
  }
  return results;
}

async function starts(server: ProductServer, sample: StartedSample): Promise<Result[]> {
  const folder = mkdtempSync(join(tmpdir(), "mooring-bench-"));
  // Each with a primed compile cache of its own, as in the parts of a single server.
  const env = (name: string) => ({ ...sample.env, NODE_COMPILE_CACHE: join(folder, name) });
  try {
    const { ours, peer } = await compareStarts({
      ours: { command: process.execPath, args: [server.bin, ...sample.args], env: env("ours") },
      peer: { command: process.execPath, args: [smallest], env: env("peer") },
    });
    const peerName = "smallest server on the bare SDK";
    return [
      {
        id: `${server.name}-start`,
        what: `${server.name}: spawn to tools/list, median of 10`,
        unit: "ms",
        ours: ours.ms,
        peer: peer.ms,
        peerName,
        bar: { at: "≤", value: 1 },
      },
      {
        id: `${server.name}-rss`,
        what: `${server.name}: resident memory after tools/list`,
        unit: "MB",
        ours: ours.mb,
        peer: peer.mb,
        peerName,
        bar: { at: "≤", value: 1.1 },
      },
    ];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** For information; what a list may cost is each server's own test. */
async function lists({ name, bin }: ProductServer, { args, env }: StartedSample): Promise<Result[]> {
  const results: Result[] = [];
  for (const access of ["read", "write", "full"]) {
    const confirm = access === "full" ? ["--confirm", "host"] : [];
    const how: Launch = { command: process.execPath, args: [bin, "--access", access, ...confirm, ...args], env };
    const client = await launch(how);
    const { result } = await client.request("tools/list", {});
    await client.close();
    const tools = result.tools as Parameters<typeof measureTools>[0];
    const { bytes, tokens } = await measureTools(tools);
    // A level that adds nothing is one the server does not offer.
    if (results.at(-1)?.ours === bytes) continue;
    results.push({
      id: `${name}-list-${access}`,
      what: `${name}: tools/list at --access ${access}`,
      unit: "B",
      ours: bytes,
      note: `${tools.length} tools, ${tokens} tokens`,
    });
  }
  return results;
}
