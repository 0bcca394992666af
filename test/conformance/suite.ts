import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

export interface Check {
  readonly id: string;
  readonly status: "SUCCESS" | "FAILURE" | "WARNING" | "SKIPPED" | "INFO";
  readonly errorMessage?: string;
}

/** Checks of each scenario that ran, by scenario. */
export type Report = ReadonlyMap<string, readonly Check[]>;

const cli = join(
  dirname(createRequire(import.meta.url).resolve("@modelcontextprotocol/conformance/package.json")),
  "dist/index.js",
);

/** Runs the public conformance suite against a server on loopback, and reads what it wrote. */
export async function conformance(url: string, args: readonly string[]): Promise<{ readonly report: Report }> {
  const folder = mkdtempSync(join(tmpdir(), "conformance-"));
  try {
    // The suite insists on the name.
    const target = url.replace("127.0.0.1", "localhost");
    const child = spawn(process.execPath, [cli, "server", "--url", target, ...args, "-o", folder], {
      stdio: ["ignore", "pipe", "pipe"],
    });
    let output = "";
    for (const stream of [child.stdout, child.stderr])
      stream.on("data", (chunk: Buffer) => (output += chunk.toString()));
    await new Promise((resolve) => child.once("exit", resolve));
    const report = new Map<string, readonly Check[]>();
    for (const name of readdirSync(folder)) {
      const scenario = name.replace(/^server-/, "").replace(/-\d{4}-\d{2}-\d{2}T.*$/, "");
      report.set(scenario, JSON.parse(readFileSync(join(folder, name, "checks.json"), "utf8")) as Check[]);
    }
    // Without a word of it a suite that crashed would be a riddle.
    if (report.size === 0) throw new Error(`the conformance suite wrote no report: ${output.slice(-2_000)}`);
    return { report };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The server scenarios that a frozen set scores, from the suite's own list. */
export function scored(requirements: string): string[] {
  const text = readFileSync(join(dirname(cli), "..", "requirements", `${requirements}.yaml`), "utf8");
  const section = /^server:\n((?: {2}- .*\n)+)/m.exec(text)?.[1] ?? "";
  return [...section.matchAll(/^ {2}- (\S+)/gm)].map((match) => match[1] as string);
}

export function failures(checks: readonly Check[]): string[] {
  return checks
    .filter((check) => check.status === "FAILURE")
    .map((check) => `${check.id}: ${check.errorMessage ?? "failed"}`);
}
