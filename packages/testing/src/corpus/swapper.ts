import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** A process that exchanges two names for ever. */
export interface Swapper {
  /** How the names are exchanged; `renames` has moments with neither name and finds less. */
  readonly means: "renameat2" | "renames";
  /** Ends it with the names as they were; how often they were exchanged. */
  stop(): Promise<number>;
}

export interface SwapSettings {
  /** Two absolute names. */
  readonly names: readonly [string, string];
  /** Microseconds between two exchanges. */
  readonly us: number;
}

/**
 * Starts exchanging two names in a process of its own (`renameat2` with `RENAME_EXCHANGE`, compiled when there is a
 * compiler, else by Python, else three renames by Node); resolves after the first exchange. Throws when none succeeds.
 */
export async function startSwapper({ names, us }: SwapSettings): Promise<Swapper> {
  const reasons: string[] = [];
  for (const { means, command } of ways()) {
    const [file, ...args] = command;
    const child = spawn(file as string, [...args, ...names, String(us)], { stdio: ["ignore", "pipe", "pipe"] });
    const output = collect(child);
    if (await started(child, output)) return { means, stop: () => stopped(child, output) };
    child.kill("SIGKILL");
    reasons.push(`${means} by ${file}: ${output.stderr.trim() || "no exchange in 2 s"}`);
  }
  throw new Error(`The names cannot be exchanged (${reasons.join("; ")}).`);
}

function* ways(): Generator<{ means: Swapper["means"]; command: string[] }> {
  if (process.platform !== "win32") {
    const program = compiled();
    if (program) yield { means: "renameat2", command: [program] };
    yield { means: "renameat2", command: ["python3", asset("exchange.py")] };
  }
  yield { means: "renames", command: [process.execPath, asset("exchange.mjs")] };
}

// Both src/corpus and dist/corpus stand two levels below the package, which ships its sources.
function asset(name: string): string {
  return fileURLToPath(new URL(`../../src/corpus/${name}`, import.meta.url));
}

let program: string | undefined | null;

function compiled(): string | undefined {
  program ??= compile() ?? null;
  return program ?? undefined;
}

function compile(): string | undefined {
  const source = asset("exchange.c");
  const key = createHash("sha256").update(readFileSync(source)).digest("hex").slice(0, 16);
  const folder = join(tmpdir(), `mooring-testing-${process.getuid?.() ?? 0}`);
  const target = join(folder, `exchange-${key}`);
  if (existsSync(target)) return target;
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const draft = `${target}.${process.pid}`;
  const { status } = spawnSync("cc", ["-O2", "-o", draft, source], { stdio: "ignore" });
  if (status !== 0) return undefined;
  renameSync(draft, target);
  return target;
}

interface Output {
  stdout: string;
  stderr: string;
}

function collect(child: ChildProcess): Output {
  const output = { stdout: "", stderr: "" };
  child.stdout?.on("data", (chunk: Buffer) => (output.stdout += chunk.toString()));
  child.stderr?.on("data", (chunk: Buffer) => (output.stderr += chunk.toString()));
  child.on("error", (error) => (output.stderr += error.message));
  return output;
}

function started(child: ChildProcess, output: Output): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(false), 2000);
    const settle = (value: boolean) => {
      clearTimeout(timer);
      resolve(value);
    };
    child.stdout?.on("data", () => output.stdout.startsWith("started") && settle(true));
    child.on("error", () => settle(false));
    child.on("close", () => settle(false));
  });
}

async function stopped(child: ChildProcess, output: Output): Promise<number> {
  if (child.exitCode === null && child.signalCode === null) {
    const ended = new Promise((resolve) => child.once("close", resolve));
    child.kill("SIGTERM");
    await ended;
  }
  return Number(output.stdout.trim().split("\n").at(-1));
}
