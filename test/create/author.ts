import { spawn } from "node:child_process";
import type { Registry } from "./registry.ts";

/** What a command said, and how long it took. */
export interface Done {
  readonly status: number | null;
  /** stdout and stderr as they came. */
  readonly said: string;
  readonly seconds: number;
}

/** Types a command as the person at the registry's home. */
export function type(
  { env }: Registry,
  cwd: string,
  [command = "", ...args]: readonly string[],
  more: NodeJS.ProcessEnv = {},
): Promise<Done> {
  return new Promise((resolve, reject) => {
    const started = performance.now();
    const child = spawn(command, args, { cwd, env: { ...env, ...more }, stdio: ["ignore", "pipe", "pipe"] });
    let said = "";
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => (said += chunk.toString()));
    child.once("error", reject);
    child.once("close", (status) => resolve({ status, said, seconds: (performance.now() - started) / 1_000 }));
  });
}
