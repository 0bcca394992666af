import { execFileSync } from "node:child_process";
import type { watch as watchDirectory } from "node:fs";
import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createSandbox } from "../../src/sandbox/create.ts";
import type { Sandbox } from "../../src/sandbox/sandbox.ts";
import { startWatching, type WatchingSettings } from "../../src/watch/watching.ts";

const POLL_MS = 150;
/** Long enough for everything but the poll of production. */
const SETTLED_MS = 400;

let base: string;
let root: string;
let sandbox: Sandbox;
let said: string[];
let releases: (() => void)[];

beforeEach(() => {
  base = realpathSync(mkdtempSync(join(tmpdir(), "watch-")));
  root = join(base, "root");
  mkdirSync(root);
  mkdirSync(join(base, "outside"));
  writeFileSync(join(base, "outside/secret.txt"), "TOPSECRET");
  writeFileSync(join(root, "a.txt"), "1");
  sandbox = createSandbox({ directories: [root] });
  said = [];
  releases = [];
});

afterEach(() => {
  for (const release of releases) release();
  sandbox.close();
  rmSync(base, { recursive: true });
});

function watching(settings: Partial<WatchingSettings> = {}) {
  const log = { warn: (message: string) => void said.push(message) };
  return startWatching({ sandbox, maxWatches: 4096, pollMs: POLL_MS, log, ...settings });
}

/** Counts the changes of a path below the root. */
async function follow(path: string, watcher = watching()): Promise<{ count: number; release: () => void }> {
  const seen = { count: 0, release: () => undefined as void };
  seen.release = await watcher.watch(sandbox.parse(join(root, path)), () => void seen.count++);
  releases.push(seen.release);
  // The look after SETTLE_MS must find nothing.
  await sleep(150);
  expect(seen.count).toBe(0);
  return seen;
}

const soon = { timeout: 3000, interval: 20 };

describe("a watched file", () => {
  it("tells many writes once", async () => {
    const seen = await follow("a.txt");
    for (let i = 0; i < 20; i++) appendFileSync(join(root, "a.txt"), "x");
    await expect.poll(() => seen.count, soon).toBe(1);
    await sleep(SETTLED_MS);
    expect(seen.count).toBe(1);
  });

  it("tells each of several atomic replacements", async () => {
    const seen = await follow("a.txt");
    for (let round = 1; round <= 3; round++) {
      writeFileSync(join(root, ".tmp"), "2".repeat(round + 1));
      renameSync(join(root, ".tmp"), join(root, "a.txt"));
      await expect.poll(() => seen.count, soon).toBe(round);
      await sleep(150);
    }
  });

  it("tells removal, return, and changes after the return", async () => {
    mkdirSync(join(root, "other"));
    writeFileSync(join(root, "other/b.txt"), "1");
    const watcher = watching();
    // A second watched directory: chokidar itself then does not wait for removed files.
    await follow("other/b.txt", watcher);
    const seen = await follow("a.txt", watcher);
    rmSync(join(root, "a.txt"));
    await expect.poll(() => seen.count, soon).toBe(1);
    writeFileSync(join(root, "a.txt"), "back");
    await expect.poll(() => seen.count, soon).toBe(2);
    await sleep(SETTLED_MS);
    appendFileSync(join(root, "a.txt"), "more");
    await expect.poll(() => seen.count, soon).toBe(3);
  });

  it("says nothing when nothing differs", async () => {
    const past = new Date(1_600_000_000_000);
    utimesSync(join(root, "a.txt"), past, past);
    const seen = await follow("a.txt");
    utimesSync(join(root, "a.txt"), past, past);
    await sleep(SETTLED_MS);
    expect(seen.count).toBe(0);
  });

  it("tells a change made right after subscribing", async () => {
    let count = 0;
    const place = sandbox.parse(join(root, "a.txt"));
    releases.push(await watching().watch(place, () => void count++));
    appendFileSync(join(root, "a.txt"), "x");
    await expect.poll(() => count, soon).toBe(1);
  });

  it("is told no more after the end, and other files of the same path still are", async () => {
    const watcher = watching();
    const first = await follow("a.txt", watcher);
    const second = await follow("a.txt", watcher);
    first.release();
    appendFileSync(join(root, "a.txt"), "x");
    await expect.poll(() => second.count, soon).toBe(1);
    second.release();
    appendFileSync(join(root, "a.txt"), "x");
    await sleep(SETTLED_MS);
    expect([first.count, second.count]).toEqual([0, 1]);
  });

  it("is found through an inside link, and the turning of the link is told", async () => {
    writeFileSync(join(root, "b.txt"), "22");
    symlinkSync("a.txt", join(root, "link"));
    const seen = await follow("link");
    appendFileSync(join(root, "a.txt"), "x");
    await expect.poll(() => seen.count, soon).toBe(1);
    symlinkSync("b.txt", join(root, "next"));
    renameSync(join(root, "next"), join(root, "link"));
    await expect.poll(() => seen.count, soon).toBe(2);
  });

  it("may have a name like an editor's temporary file", async () => {
    writeFileSync(join(root, "notes~"), "1");
    const seen = await follow("notes~");
    appendFileSync(join(root, "notes~"), "x");
    await expect.poll(() => seen.count, soon).toBe(1);
  });

  it("may have a name that is no UTF-8", async () => {
    const name = Buffer.concat([Buffer.from(`${root}/`), Buffer.from([0xff, 0xfe])]);
    writeFileSync(name, "1");
    const seen = await follow("\udcff\udcfe");
    appendFileSync(name, "x");
    await expect.poll(() => seen.count, soon).toBe(1);
  });
});

describe("links that lead outside", () => {
  it.for([".env", ".ssh", "to-ssh"])("refuses to watch what it refuses to read: %s", async (name) => {
    mkdirSync(join(root, ".ssh"));
    writeFileSync(join(root, ".env"), "");
    symlinkSync(".ssh", join(root, "to-ssh"));
    await expect(watching().watch(sandbox.parse(join(root, name)), () => {})).rejects.toMatchObject({ kind: "denied" });
  });

  it.for(["file.txt", "dir"])("refuses to watch them like what is missing: %s", async (name) => {
    symlinkSync("../outside/secret.txt", join(root, "file.txt"));
    symlinkSync("../outside", join(root, "dir"));
    const refusal = async (path: string) =>
      watching()
        .watch(sandbox.parse(path), () => undefined)
        .then(
          () => "watched",
          ({ kind, message }: { kind: string; message: string }) => `${kind} ${message.replace(path, "P")}`,
        );
    const refused = await refusal(join(root, name));
    expect(refused).toMatch(/^not_found /);
    expect(refused).toBe(await refusal(join(root, "missing")));
  });

  it("tells that one took the place of a watched file, and nothing of what happens there", async () => {
    const seen = await follow("a.txt");
    symlinkSync("../outside/secret.txt", join(root, "next"));
    renameSync(join(root, "next"), join(root, "a.txt"));
    await expect.poll(() => seen.count, soon).toBe(1);
    await sleep(SETTLED_MS);
    appendFileSync(join(base, "outside/secret.txt"), "more");
    await sleep(SETTLED_MS);
    expect(seen.count).toBe(1);
    expect(() => sandbox.openFile(sandbox.parse(join(root, "a.txt")))).toThrow("a.txt");
  });

  it("are not entered below a watched directory", async () => {
    symlinkSync("../outside", join(root, "dir"));
    const seen = await follow(".");
    appendFileSync(join(base, "outside/secret.txt"), "more");
    await sleep(SETTLED_MS);
    expect(seen.count).toBe(0);
  });
});

describe("a watched directory", () => {
  it("tells changes at every depth, also of what is made later", async () => {
    mkdirSync(join(root, "x/y"), { recursive: true });
    const seen = await follow(".");
    writeFileSync(join(root, "x/y/f"), "1");
    await expect.poll(() => seen.count, soon).toBe(1);
    mkdirSync(join(root, "new/deep"), { recursive: true });
    await expect.poll(() => seen.count, soon).toBeGreaterThan(1);
    await sleep(SETTLED_MS);
    const before = seen.count;
    writeFileSync(join(root, "new/deep/f"), "1");
    await expect.poll(() => seen.count, soon).toBe(before + 1);
  });

  it("tells a burst once", async () => {
    const seen = await follow(".");
    for (let i = 0; i < 30; i++) writeFileSync(join(root, `f${i}`), "x");
    await expect.poll(() => seen.count, soon).toBe(1);
    await sleep(SETTLED_MS);
    expect(seen.count).toBe(1);
  });

  it("leaves .git and ignored directories alone", async () => {
    mkdirSync(join(root, ".git"));
    mkdirSync(join(root, "pkg/out/deep"), { recursive: true });
    mkdirSync(join(root, "out"));
    writeFileSync(join(root, "pkg/.gitignore"), "out/\n*.log\n");
    writeFileSync(join(root, "pkg/debug.log"), "");
    const seen = await follow(".");
    writeFileSync(join(root, ".git/index"), "x");
    writeFileSync(join(root, "pkg/out/deep/f"), "x");
    appendFileSync(join(root, "pkg/debug.log"), "x");
    await sleep(SETTLED_MS);
    expect(seen.count).toBe(0);
    // The rule stands in pkg: it says nothing of other directories.
    writeFileSync(join(root, "out/f"), "x");
    await expect.poll(() => seen.count, soon).toBe(1);
  });

  it("respects what the directories above ignore", async () => {
    mkdirSync(join(root, "pkg/out"), { recursive: true });
    writeFileSync(join(root, ".gitignore"), "/pkg/out/\n");
    const seen = await follow("pkg");
    writeFileSync(join(root, "pkg/out/f"), "x");
    await sleep(SETTLED_MS);
    expect(seen.count).toBe(0);
  });

  it("follows a directory no more that was moved out", async () => {
    mkdirSync(join(root, "d"));
    const seen = await follow(".");
    renameSync(join(root, "d"), join(base, "outside/d"));
    await expect.poll(() => seen.count, soon).toBe(1);
    await sleep(SETTLED_MS);
    writeFileSync(join(base, "outside/d/f"), "x");
    await sleep(SETTLED_MS);
    expect(seen.count).toBe(1);
  });

  it("tells its own end and return", async () => {
    mkdirSync(join(root, "d"));
    const seen = await follow("d");
    rmSync(join(root, "d"), { recursive: true });
    await expect.poll(() => seen.count, soon).toBeGreaterThan(0);
    await sleep(SETTLED_MS);
    const gone = seen.count;
    mkdirSync(join(root, "d"));
    await expect.poll(() => seen.count, soon).toBeGreaterThan(gone);
    await sleep(SETTLED_MS);
    const back = seen.count;
    writeFileSync(join(root, "d/f"), "x");
    await expect.poll(() => seen.count, soon).toBeGreaterThan(back);
  });
});

it("keeps no process alive", () => {
  const script = `
    import { createSandbox } from "./src/sandbox/create.ts";
    import { startWatching } from "./src/watch/watching.ts";
    const sandbox = createSandbox({ directories: [${JSON.stringify(root)}] });
    const watcher = startWatching({ sandbox, maxWatches: 2, log: { warn() {} } });
    for (const path of [".", "a.txt", "b.txt"]) await watcher.watch(sandbox.parse(path), () => {});
    await new Promise((resolve) => setTimeout(resolve, 200));
    console.log("watching");`;
  writeFileSync(join(root, "b.txt"), "polled, for want of a watch");
  const cwd = fileURLToPath(new URL("../..", import.meta.url));
  const args = ["--input-type=module", "--eval", script];
  expect(execFileSync(process.execPath, args, { cwd, encoding: "utf8", timeout: 4000 })).toBe("watching\n");
});

describe("where watches are scarce", () => {
  it("polls what is above the cap, and says so once", async () => {
    writeFileSync(join(root, "b.txt"), "1");
    mkdirSync(join(root, "d"));
    const watcher = watching({ maxWatches: 0 });
    const file = await follow("a.txt", watcher);
    const other = await follow("b.txt", watcher);
    const directory = await follow("d", watcher);
    appendFileSync(join(root, "a.txt"), "x");
    writeFileSync(join(root, "d/f"), "x");
    await expect.poll(() => [file.count, other.count, directory.count], soon).toEqual([1, 0, 1]);
    expect(said).toEqual([expect.stringMatching(/^All 0 watches of --max-watches are in use/)]);
  });

  it("polls a directory that the kernel refuses to watch", async () => {
    const refused = (() => {
      throw Object.assign(new Error("no space"), { code: "ENOSPC" });
    }) as typeof watchDirectory;
    const seen = await follow(".", watching({ watchDirectory: refused }));
    writeFileSync(join(root, "new"), "x");
    await expect.poll(() => seen.count, soon).toBe(1);
    expect(said).toEqual([expect.stringMatching(/ENOSPC.*polled every 2 s/)]);
  });

  it("gives back what ended subscriptions held", async () => {
    const watcher = watching({ maxWatches: 1 });
    for (let i = 0; i < 3; i++) {
      const seen = await follow("a.txt", watcher);
      seen.release();
    }
    expect(said).toEqual([]);
  });
});
