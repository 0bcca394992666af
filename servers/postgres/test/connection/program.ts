import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { chownSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

/** Where Debian has programs of servers. */
const folders = ["/usr/sbin", "/usr/bin", "/usr/local/sbin", "/usr/local/bin"];

/** Whether this machine has a program; suites that need one say so, and are skipped, where it has not. */
export function programPath(name: string): string | undefined {
  return folders.map((folder) => path.join(folder, name)).find((file) => spawnSync("test", ["-x", file]).status === 0);
}

/** A folder with files in it, and a program that runs there until its end: as `nobody` where this is root. */
export async function running(
  program: string,
  files: Readonly<Record<string, string>>,
  args: (folder: string) => readonly string[],
  ready: RegExp,
  { asRoot = false } = {},
): Promise<AsyncDisposable & { readonly folder: string }> {
  const folder = mkdtempSync(path.join(tmpdir(), "mooring-program-"));
  const ids = process.getuid?.() === 0 && !asRoot ? { uid: id("-u"), gid: id("-g") } : {};
  for (const [name, text] of Object.entries(files)) {
    writeFileSync(path.join(folder, name), text, { mode: 0o600 });
    if (ids.uid !== undefined) chownSync(path.join(folder, name), ids.uid, ids.gid);
  }
  if (ids.uid !== undefined) chownSync(folder, ids.uid, ids.gid);
  const child = spawn(program, args(folder), { ...ids, cwd: folder, stdio: ["ignore", "pipe", "pipe"] });
  const exited = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  await saying(child, ready);
  return {
    folder,
    async [Symbol.asyncDispose]() {
      child.kill("SIGTERM");
      await exited;
      rmSync(folder, { recursive: true });
    },
  };
}

function id(flag: string): number {
  return Number(spawnSync("id", [flag, "nobody"], { encoding: "utf8" }).stdout.trim());
}

async function saying(child: ChildProcess, ready: RegExp): Promise<void> {
  let said = "";
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding("utf8").on("data", (text: string) => {
      said += text;
      if (ready.test(said)) resolve();
    });
  child.once("error", reject).once("exit", () => reject(new Error(`It ended: ${said}`)));
  await promise;
}
