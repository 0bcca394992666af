import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import { connectStdio, type Sample } from "@mooring/testing";
import { type } from "../../create/author.ts";
import { type Registry, startRegistry } from "../../create/registry.ts";
import type { Result } from "../result.ts";
import { median } from "../statistics.ts";

const SAVES = 10;

/** From `npm create` to the first call's answer with a warm cache, per kind; and from a save to the new answer under `npm run dev`. */
export async function benchScaffold(): Promise<Result[]> {
  await using registry = await startRegistry(["packages/core", "packages/testing", "packages/create-server"]);
  // The first run warms the cache of packages, as any install on the machine would have.
  await author(registry, "local", "warm");
  const results: Result[] = [];
  for (const kind of ["http-api", "database", "local"]) {
    const { seconds, steps, project } = await author(registry, kind, kind);
    results.push({
      id: `scaffold-${kind}`,
      what: `${kind}: create, install, test, first call`,
      unit: "s",
      ours: seconds,
      bar: { at: "≤", value: 60 },
      note: steps,
    });
    if (kind === "http-api")
      results.push({
        id: "dev",
        what: `save to the new answer under npm run dev, median of ${SAVES}`,
        unit: "ms",
        ours: median(await saves(project)),
        bar: { at: "≤", value: 2_000 },
      });
  }
  return results;
}

async function author(registry: Registry, kind: string, folder: string) {
  const home = join(registry.home, folder);
  mkdirSync(home);
  const project = join(home, "weather");
  const create = ["npm", "create", "--yes", "@mooring/server", "weather", "--", "--kind", kind, "--yes"];
  const steps: string[] = [];
  const started = performance.now();
  for (const [name, cwd, command] of [
    ["create", home, create],
    ["install", project, ["npm", "install"]],
    ["test", project, ["npm", "test"]],
  ] as const) {
    const { status, said, seconds } = await type(registry, cwd, command);
    if (status !== 0) throw new Error(`${command.join(" ")} failed:\n${said.slice(-3_000)}`);
    steps.push(`${name} ${seconds.toFixed(1)} s`);
  }
  const beforeCall = performance.now();
  const { sample } = await sampleOf(project);
  await using sampleRun = await sample.start(emptyFolder(home));
  await using session = await connectStdio(process.execPath, [join(project, "dist/bin.js"), ...sampleRun.args], {
    env: sampleRun.env,
  });
  const { isError } = await session.call(sample.call.tool, { ...sample.call.arguments });
  if (isError === true) throw new Error(`The first call of ${kind} failed.`);
  steps.push(`call ${((performance.now() - beforeCall) / 1_000).toFixed(1)} s`);
  return { seconds: (performance.now() - started) / 1_000, steps: steps.join(", "), project };
}

/** Milliseconds from each save of a tool's file until the same connection answers what it says now. */
async function saves(project: string): Promise<number[]> {
  const { sample } = await sampleOf(project);
  await using sampleRun = await sample.start(emptyFolder(project));
  const dev = [join(project, "node_modules/@mooring/testing/bin.js"), "dev", "--", ...sampleRun.args];
  await using session = await connectStdio(process.execPath, dev, { env: sampleRun.env, cwd: project, era: "auto" });
  const tools = join(project, "src/tools");
  const file = join(tools, readdirSync(tools).find((name) => name.startsWith("list-")) ?? "");
  const source = readFileSync(file, "utf8");
  const times: number[] = [];
  for (let i = 0; i < SAVES; i++) {
    // Saves of a person are seconds apart; the watcher has settled by then.
    await pause(1_000);
    const title = `Saved ${i}`;
    const saved = performance.now();
    writeFileSync(file, source.replace(/title: "[^"]*"/, `title: "${title}"`));
    for (;;) {
      const { tools: listed } = await session.client.request({ method: "tools/list" });
      if (listed.some((tool) => tool.title === title)) break;
      if (performance.now() - saved > 20_000) throw new Error(`The save was not seen: ${session.stderr()}`);
      await pause(10);
    }
    times.push(performance.now() - saved);
  }
  return times;
}

function sampleOf(project: string): Promise<{ sample: Sample }> {
  return import(pathToFileURL(join(project, "test/sample.ts")).href) as Promise<{ sample: Sample }>;
}

function emptyFolder(below: string): string {
  const folder = join(below, "sample");
  mkdirSync(folder, { recursive: true });
  return folder;
}
