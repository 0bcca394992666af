import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { join } from "node:path";

/** What the cross-server suites know of a server; found by folder, so that a new server joins with no file edited here. */
export interface ProductServer {
  readonly name: string;
  /** The built launcher. */
  readonly bin: string;
  /** Arguments for a run on a folder of its own. */
  args(folder: string): string[];
}

const servers = fileURLToPath(new URL("../servers", import.meta.url));

export const productServers: readonly ProductServer[] = readdirSync(servers, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => {
    const manifest = JSON.parse(readFileSync(join(servers, name, "package.json"), "utf8")) as { bin: Record<string, string>; mooring?: { test?: { args?: string[] } } };
    const bin = Object.values(manifest.bin)[0] as string;
    const args = manifest.mooring?.test?.args ?? [];
    return { name, bin: join(servers, name, bin), args: (folder) => args.map((argument) => argument.replaceAll("$DIR", folder)) };
  });
