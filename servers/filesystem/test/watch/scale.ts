import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";

/** Milliseconds and MB (10⁶ bytes of resident memory, after a forced collection) that watching took. */
export interface WatchCost {
  readonly ms: number;
  readonly mb: number;
}

export interface WatchScale {
  /** Subscribing to 500 files: ours only. */
  readonly files: WatchCost;
  /** Watching a tree: ours and chokidar 5, each in a process of its own. */
  readonly tree: { readonly ours: WatchCost; readonly chokidar: WatchCost };
}

export interface ScaleSettings {
  readonly directories?: number;
  readonly filesEach?: number;
}

/** What subscriptions cost, on a fresh tree of about 100,000 files unless said otherwise. */
export function measureWatches({ directories = 5000, filesEach = 20 }: ScaleSettings = {}): WatchScale {
  const base = realpathSync(mkdtempSync(join(tmpdir(), "watch-scale-")));
  try {
    const [few, tree] = [join(base, "few"), join(base, "tree")];
    mkdirSync(few);
    for (let i = 0; i < 500; i++) writeFileSync(join(few, `${i}`), "x");
    for (let d = 0; d < directories; d++) {
      const folder = join(tree, `${d % 70}`, `${d}`);
      mkdirSync(folder, { recursive: true });
      for (let f = 0; f < filesEach; f++) writeFileSync(join(folder, `${f}`), "x");
    }
    return {
      files: inChild("files", few),
      tree: { ours: inChild("tree", tree), chokidar: inChild("chokidar", tree) },
    };
  } finally {
    rmSync(base, { recursive: true, force: true });
  }
}

function inChild(what: string, folder: string): WatchCost {
  const script = fileURLToPath(import.meta.url);
  const args = ["--expose-gc", script, what, folder];
  return JSON.parse(execFileSync(process.execPath, args, { encoding: "utf8", timeout: 120_000 })) as WatchCost;
}

/** Time until the subscriptions are answered; memory a moment later, when every watch is placed. */
async function cost(work: () => Promise<unknown>): Promise<WatchCost> {
  globalThis.gc?.();
  const [memory, start] = [process.memoryUsage.rss(), performance.now()];
  await work();
  const ms = performance.now() - start;
  await sleep(500);
  globalThis.gc?.();
  globalThis.gc?.();
  return { ms: Math.round(ms), mb: Math.round((process.memoryUsage.rss() - memory) / 1e5) / 10 };
}

async function child(what: string, folder: string): Promise<WatchCost> {
  const { watch } = await import("chokidar");
  if (what === "chokidar")
    return cost(() => {
      const { promise, resolve } = Promise.withResolvers<void>();
      watch(folder, { ignoreInitial: true, followSymlinks: false }).on("ready", resolve);
      return promise;
    });
  const { createSandbox } = await import("../../src/sandbox/create.ts");
  const { startWatching } = await import("../../src/watch/watching.ts");
  const sandbox = createSandbox({ directories: [folder] });
  const watcher = startWatching({ sandbox, maxWatches: 100_000, log: { warn: () => undefined } });
  if (what === "tree") return cost(() => watcher.watch(sandbox.parse(folder), () => undefined));
  return cost(async () => {
    for (let i = 0; i < 500; i++) await watcher.watch(sandbox.parse(join(folder, `${i}`)), () => undefined);
  });
}

if (import.meta.main) {
  const [, , what, folder] = process.argv;
  if (what && folder) {
    process.stdout.write(JSON.stringify(await child(what, folder)));
    process.exit();
  }
  console.error(JSON.stringify(measureWatches(), undefined, 2));
}
