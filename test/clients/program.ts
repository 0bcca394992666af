import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

const require = createRequire(import.meta.url);

/** The script behind a package's command. */
export function commandOf(packageName: string, command: string): string {
  const manifest = findManifest(packageName);
  const { bin } = JSON.parse(readFileSync(manifest, "utf8")) as { bin: string | Record<string, string> };
  return join(dirname(manifest), typeof bin === "string" ? bin : (bin[command] as string));
}

// Not every package exports its manifest.
function findManifest(packageName: string): string {
  for (const folder of require.resolve.paths(packageName) ?? []) {
    const file = join(folder, packageName, "package.json");
    try {
      readFileSync(file);
      return file;
    } catch {
      // the next folder
    }
  }
  throw new Error(`${packageName} is not installed`);
}

export interface Output {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a Node script to its end; a client that hangs is ended after 60 s. */
export function run(
  script: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  cwd: string,
): Promise<Output> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [script, ...args], {
      env: { ...env, NO_COLOR: "1" },
      cwd,
      stdio: ["ignore", "pipe", "pipe"],
      timeout: 60_000,
    });
    let stdout = "";
    let stderr = "";
    child.stdout.on("data", (chunk: Buffer) => (stdout += chunk.toString()));
    child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
    child.once("error", reject);
    child.once("close", (status) => resolve({ status, stdout, stderr }));
  });
}

/** @throws Error with everything that the program said, when it failed */
export async function succeed(
  script: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  cwd: string,
): Promise<string> {
  const { status, stdout, stderr } = await run(script, args, env, cwd);
  if (status !== 0) throw new Error(`exit ${status}\n${stdout}\n${stderr}`);
  return stdout;
}
