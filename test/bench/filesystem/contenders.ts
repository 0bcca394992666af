import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Launch } from "../stdio-client.ts";

const bin = fileURLToPath(new URL("../../../servers/filesystem/dist/bin.js", import.meta.url));

/** Both sides on one Node, each with its own primed compile cache and, for ours, its own state. */
export interface Contenders extends Disposable {
  readonly folder: string;
  ours(folder: string, access?: "read" | "write" | "full", nodeArgs?: readonly string[]): Launch;
  peer(folder: string): Launch;
}

export function contenders(peer: string): Contenders {
  const folder = mkdtempSync(join(tmpdir(), "mooring-bench-"));
  const env = (name: string) => ({
    HOME: folder,
    XDG_STATE_HOME: join(folder, "state"),
    NODE_COMPILE_CACHE: join(folder, `cache-${name}`),
  });
  return {
    folder,
    ours: (directory, access = "read", nodeArgs = []) => ({
      command: process.execPath,
      args: [...nodeArgs, bin, "--access", access, ...(access === "full" ? ["--confirm", "host"] : []), directory],
      env: env("ours"),
    }),
    peer: (directory) => ({ command: process.execPath, args: [peer, directory], env: env("peer") }),
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  };
}
