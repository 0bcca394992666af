import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** An npm registry on loopback that has our packages as they would be published now, and a folder for people who use it. */
export interface Registry extends AsyncDisposable {
  /** A clean home: what npm is told there, besides the machine's own settings, is to get `@mooring/…` here. */
  readonly home: string;
  /** The environment of a person at that home. */
  readonly env: NodeJS.ProcessEnv;
}

/** Packs the packages, by their folder in the workspace, and serves them until disposed of. */
export async function startRegistry(folders: readonly string[]): Promise<Registry> {
  const home = mkdtempSync(join(tmpdir(), "mooring-author-"));
  const packed = new Map(folders.map((folder) => pack(join(root, folder), home)));
  const server = createServer((request, response) => {
    const path = decodeURIComponent(request.url ?? "").slice(1);
    const found = packed.get(path.replace(/\/-\/.*$/, ""));
    if (!found) return response.writeHead(404).end("{}");
    if (path.includes("/-/")) return response.end(found.tarball);
    const { manifest, tarball } = found;
    const dist = {
      tarball: `${url}${manifest.name}/-/${manifest.version}.tgz`,
      integrity: `sha512-${createHash("sha512").update(tarball).digest("base64")}`,
    };
    const versions = { [manifest.version]: { ...manifest, dist } };
    const packument = { name: manifest.name, "dist-tags": { latest: manifest.version }, versions };
    return response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(packument));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const own = npmConfig();
  writeFileSync(
    join(home, ".npmrc"),
    `${own}\n@mooring:registry=${url}\nfund=false\naudit=false\nupdate-notifier=false\n`,
    { mode: 0o600 },
  );
  return {
    home,
    env: environment(home),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      rmSync(home, { recursive: true, force: true });
    },
  };
}

interface Manifest {
  readonly name: string;
  readonly version: string;
}

function pack(folder: string, into: string): [string, { manifest: Manifest; tarball: Buffer }] {
  const { packageManager } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { packageManager: string };
  const file = join(into, "package.tgz");
  execFileSync("npx", ["-y", packageManager, "pack", "--out", file], { cwd: folder, stdio: "pipe" });
  // What was packed and not what was there: versions stand where the workspace has "workspace:".
  const text = execFileSync("tar", ["-xzOf", file, "package/package.json"], { encoding: "utf8" });
  const manifest = JSON.parse(text) as Manifest;
  const tarball = readFileSync(file);
  rmSync(file);
  return [manifest.name, { manifest, tarball }];
}

/** How this machine reaches the public registry; a person has that too. */
function npmConfig(): string {
  const file = execFileSync("npm", ["config", "get", "userconfig"], { encoding: "utf8" }).trim();
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}

// Not what the test run has set: a person has no CI, no workspace on PATH and no npm that started this.
function environment(home: string): NodeJS.ProcessEnv {
  // How the network is reached, and how services run: a person's machine has that too.
  const kept =
    /^(?:NODE_EXTRA_CA_CERTS|SSL_CERT_FILE|https?_proxy|no_proxy|TEST_(?:SERVICES|IMAGE_.*|PG_.*)|(?:RYUK|TESTCONTAINERS|DOCKER)_.*)$/i;
  const passed = Object.fromEntries(Object.entries(process.env).filter(([name]) => kept.test(name)));
  const node = join(process.execPath, "..");
  // The cache of packages is the machine's: a warm one, as after any first install. What npx has installed before is not:
  // it would be the create-server of an earlier run, which has the same version.
  const cache = join(execFileSync("npm", ["config", "get", "cache"], { encoding: "utf8" }).trim(), "_cacache");
  mkdirSync(cache, { recursive: true });
  mkdirSync(join(home, ".npm"));
  symlinkSync(cache, join(home, ".npm/_cacache"));
  return { ...passed, HOME: home, PATH: `${node}:/usr/local/bin:/usr/bin:/bin`, npm_config_cache: join(home, ".npm") };
}
