import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { join } from "node:path";

const folder = fileURLToPath(new URL(".peers", import.meta.url));

/** Exact versions: a peer that changes under a benchmark makes its figures worthless. */
const VERSIONS = {
  "@modelcontextprotocol/server-filesystem": "2026.8.31",
  "@modelcontextprotocol/server-postgres": "0.6.2",
  "@bytebase/dbhub": "1.4.0",
  "@vscode/ripgrep": "1.18.0",
} as const;

/** Installs the peers beside the workspace, outside its lockfile, once. */
export function installPeers(): Readonly<Record<"filesystem" | "serverPostgres" | "dbhub" | "rg", string>> {
  const stamp = join(folder, "installed.json");
  const wanted = JSON.stringify(VERSIONS);
  if (!existsSync(stamp) || readFileSync(stamp, "utf8") !== wanted) {
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, "package.json"), '{"private":true}');
    const packages = Object.entries(VERSIONS).map(([name, version]) => `${name}@${version}`);
    console.error(`installing ${packages.join(", ")}`);
    execFileSync(
      "npm",
      ["install", "--prefix", folder, "--no-save", "--no-audit", "--no-fund", "--loglevel=error", ...packages],
      { stdio: ["ignore", "inherit", "inherit"] },
    );
    writeFileSync(stamp, wanted);
  }
  const modules = join(folder, "node_modules");
  const platform = `@vscode/ripgrep-${process.platform}-${process.arch}`;
  const rg = [join(modules, platform, "bin/rg"), join(modules, "@vscode/ripgrep/bin/rg")].find((file) =>
    existsSync(file),
  );
  if (!rg) throw new Error(`no ripgrep for ${process.platform}-${process.arch} in ${modules}`);
  return {
    filesystem: join(modules, "@modelcontextprotocol/server-filesystem/dist/index.js"),
    serverPostgres: join(modules, "@modelcontextprotocol/server-postgres/dist/index.js"),
    dbhub: join(modules, "@bytebase/dbhub/dist/index.js"),
    rg,
  };
}
