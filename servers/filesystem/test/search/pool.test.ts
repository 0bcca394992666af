import { spawn } from "node:child_process";
import { closeSync, openSync, readdirSync, readlinkSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import type { SearchOptions } from "../../src/search/engine.ts";
import { matches, paths, searchSpace } from "./search-space.ts";

// 20,000 files in 200 directories, shared.
const FILES = 20_000;
const ENTRIES = FILES + 201;
let wide: ReturnType<typeof searchSpace>;
const overWide = (search: SearchOptions = {}) => searchSpace({}, { directories: [wide.root], search });
beforeAll(() => {
  wide = searchSpace(Object.fromEntries(Array.from({ length: FILES }, (_, i) => [`n/${i % 200}/${i}`, ""])));
}, 120_000);
afterAll(() => wide[Symbol.asyncDispose](), 60_000);

function bigFile(path: string, megabytes: number, line = `${"abcdefgh ".repeat(10)}\n`): void {
  const block = Buffer.from(line.repeat(Math.ceil(1_000_000 / line.length)));
  const fd = openSync(path, "w");
  for (let i = 0; i < megabytes; i++) writeSync(fd, block);
  closeSync(fd);
}

/** What this process holds open there; elsewhere than on Linux nothing is known. */
function descriptorsBelow(base: string): string[] {
  if (process.platform !== "linux") return [];
  return readdirSync("/proc/self/fd").flatMap((fd) => {
    try {
      const path = readlinkSync(`/proc/self/fd/${fd}`);
      return path.startsWith(base) ? [path] : [];
    } catch {
      return [];
    }
  });
}

async function cpuSecondsOf(ms: number): Promise<number> {
  const before = process.cpuUsage();
  await sleep(ms);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}

describe("cancelling", () => {
  test("answers at once, stops the threads and lets go of the directory", async () => {
    await using space = searchSpace();
    bigFile(join(space.root, "big.txt"), 300);
    const controller = new AbortController();
    const reason = new Error("cancelled by the client");
    // No literal in it, so that the regex itself runs over everything: seconds of work.
    const searching = space.search({ pattern: "[a-h]+\\d[x-z]", regex: true }, { signal: controller.signal });
    searching.catch(() => {});
    await sleep(300);
    const at = performance.now();
    controller.abort(reason);
    await expect(searching).rejects.toBe(reason);
    expect(performance.now() - at).toBeLessThan(100);
    await sleep(50);
    expect(await cpuSecondsOf(2000)).toBeLessThan(0.3);
    // The sandbox holds the root itself.
    expect(descriptorsBelow(space.base)).toEqual(process.platform === "linux" ? [space.root] : []);
    // The pool still works.
    expect(paths(await space.search({ glob: "*.txt" }))).toEqual(["big.txt"]);
  });

  test("of a walk through many directories", { timeout: 30_000 }, async () => {
    await using space = overWide();
    const controller = new AbortController();
    const searching = space.search({ glob: "**/zz-none" }, { signal: controller.signal });
    searching.catch(() => {});
    await sleep(20);
    controller.abort(new Error("stop"));
    await searching.catch(() => {});
    await sleep(50);
    expect(await cpuSecondsOf(1000)).toBeLessThan(0.3);
  });

  test("before it started", async () => {
    await using space = searchSpace({ a: "" });
    await expect(space.search({}, { signal: AbortSignal.abort(new Error("early")) })).rejects.toThrow("early");
    expect(space.engine.threads()).toBe(0);
  });
});

describe("regexes that could take forever", () => {
  const line = `${"a".repeat(40)}!\n`;

  test("finish in linear time where V8's engine can run them", async () => {
    await using space = searchSpace({ "re.txt": line.repeat(20) });
    await space.search({});
    for (const ignoreCase of [false, true]) {
      const started = performance.now();
      expect(matches(await space.search({ pattern: "(a+)+$", regex: true, ignoreCase }))).toEqual([]);
      expect(performance.now() - started).toBeLessThan(1000);
    }
  });

  test("are ended with their thread where it cannot, and the next search works", { timeout: 20_000 }, async () => {
    await using space = searchSpace({ "re.txt": line, "ok.txt": "fine\n" });
    await space.search({});
    const started = performance.now();
    await expect(space.search({ pattern: "(?=a)(a+)+$", regex: true })).rejects.toMatchObject({
      kind: "invalid_input",
      message: expect.stringContaining("takes too long"),
    });
    expect(performance.now() - started).toBeLessThan(2000);
    expect(matches(await space.search({ pattern: "fi(?!x)", regex: true, path: "ok.txt" }))).toEqual(["ok.txt:1:fine"]);
    expect(await cpuSecondsOf(500)).toBeLessThan(0.2);
  });

  test("a long search with a harmless one is not ended", { timeout: 20_000 }, async () => {
    await using space = searchSpace();
    bigFile(join(space.root, "big.txt"), 40);
    const { skipped, cursor } = await space.search({ pattern: "(?!x)zzz", regex: true });
    expect([skipped.unreadable, cursor]).toEqual([0, undefined]);
  });
});

describe("near the deadline", () => {
  test("answers with what there is, and a cursor that goes on", { timeout: 60_000 }, async () => {
    await using space = searchSpace({ "a.txt": "needle\n", "c.txt": "needle\n" });
    bigFile(join(space.root, "b.txt"), 120);
    writeFileSync(join(space.root, "b.txt"), "needle\n", { flag: "a" });
    const found: string[] = [];
    let late = 0;
    let cursor: string | undefined;
    do {
      const started = Date.now();
      const page = await space.search(
        { pattern: "[n][e][e][d][l][e]", regex: true, cursor },
        { deadline: Date.now() + 450 },
      );
      expect(Date.now() - started).toBeLessThan(900);
      if (page.late) late++;
      found.push(...matches(page));
      cursor = page.cursor;
    } while (cursor !== undefined && late < 100);
    expect(late).toBeGreaterThan(0);
    expect(found.map((one) => one.replace(/:\d+:/, ":"))).toEqual(["a.txt:needle", "b.txt:needle", "c.txt:needle"]);
  });
});

test("reports progress, and never less than before", { timeout: 30_000 }, async () => {
  await using space = overWide();
  const seen: number[] = [];
  let entries = 0;
  // A walk may end before the first report is due.
  for (let i = 0; i < 20 && seen.length === 0; i++)
    ({ entries } = await space.search({ glob: "**/zz-none" }, { progress: (done) => seen.push(done) }));
  expect(seen.length).toBeGreaterThan(0);
  expect(entries).toBe(ENTRIES);
  expect(seen).toEqual(seen.toSorted((a, b) => a - b));
});

describe("threads", () => {
  test("share one walk: each part is walked once", { timeout: 30_000 }, async () => {
    await using space = overWide({ threads: 4 });
    for (let i = 0; i < 3; i++) {
      const found = await space.search({ glob: "n/*/*7", limit: 5000 });
      expect(found.entries).toBe(ENTRIES);
      expect(paths(found)).toHaveLength(FILES / 10);
      expect(new Set(paths(found)).size).toBe(FILES / 10);
    }
    expect(space.engine.threads()).toBeGreaterThan(1);
  });

  test("take turns: a short search does not wait for a long one", { timeout: 30_000 }, async () => {
    await using space = searchSpace({ "small/a.txt": "needle\n" }, { search: { threads: 1 } });
    bigFile(join(space.root, "big.txt"), 200);
    const controller = new AbortController();
    const long = space.search({ pattern: "[a-h]+\\d[x-z]", regex: true }, { signal: controller.signal });
    long.catch(() => {});
    await sleep(200);
    const started = performance.now();
    expect(matches(await space.search({ path: "small", pattern: "needle" }))).toEqual(["a.txt:1:needle"]);
    expect(performance.now() - started).toBeLessThan(1000);
    controller.abort(new Error("enough"));
    await long.catch(() => {});
  });

  test("many searches at once all get their own answer", { timeout: 30_000 }, async () => {
    await using space = searchSpace(
      Object.fromEntries(Array.from({ length: 500 }, (_, i) => [`d${i % 25}/f${i}`, `word${i}\n`])),
    );
    const answers = await Promise.all(
      Array.from({ length: 100 }, (_, i) => space.search({ pattern: `word${i * 5}$`, regex: true })),
    );
    expect(answers.map((one) => matches(one))).toEqual(
      Array.from({ length: 100 }, (_, i) => [`d${(i * 5) % 25}/f${i * 5}:1:word${i * 5}`]),
    );
  });

  test("end when they are idle, and start again", async () => {
    await using space = searchSpace({ a: "" }, { search: { idleMs: 50 } });
    expect(space.engine.threads()).toBe(0);
    await space.search({});
    expect(space.engine.threads()).toBeGreaterThan(0);
    await vi.waitFor(() => expect(space.engine.threads()).toBe(0), 2000);
    expect(paths(await space.search({}))).toEqual(["a"]);
  });

  test("never keep the process alive", { timeout: 20_000 }, async () => {
    await using space = searchSpace({ a: "alpha\n" });
    const code = `
      import { createSandbox } from ${JSON.stringify(import.meta.resolve("../../src/sandbox/create.ts"))};
      import { createSearch } from ${JSON.stringify(import.meta.resolve("../../src/search/engine.ts"))};
      const engine = createSearch({ sandbox: createSandbox({ directories: [${JSON.stringify(space.root)}] }) });
      const found = await engine.search({ pattern: "alpha", limit: 5 }, { signal: new AbortController().signal, deadline: Date.now() + 9000, progress() {} });
      console.log(found.directories[0].hits.length);`;
    const child = spawn(process.execPath, ["--input-type=module", "-e", code], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    let out = "";
    child.stdout.on("data", (chunk: Buffer) => (out += String(chunk)));
    const exit = new Promise<number | null>((resolve) => child.once("exit", resolve));
    const code0 = await Promise.race([exit, sleep(8000, "still alive", { ref: false })]);
    child.kill();
    expect([out.trim(), code0]).toEqual(["1", 0]);
  });

  test("that end unexpectedly make one clear error", async () => {
    const logged: string[] = [];
    await using space = searchSpace();
    bigFile(join(space.root, "big.txt"), 100);
    const { createPool } = await import("../../src/search/pool.ts");
    const pool = createPool({ log: (message) => logged.push(message) });
    // A job that the thread cannot make sense of.
    const broken = pool.run({ id: 1, query: null, roots: [] } as unknown as Parameters<typeof pool.run>[0], {
      ranges: [{ root: 0, key: "" }],
      limit: 1,
      signal: new AbortController().signal,
      stopAt: Date.now() + 5000,
      progress: () => {},
      release: () => logged.push("released"),
    });
    await expect(broken).rejects.toThrow("The search failed.");
    expect(logged).toHaveLength(2);
    expect(logged).toContain("released");
    await pool.close();
  });

  test("closing fails what is under way, and what comes after", async () => {
    await using space = searchSpace();
    bigFile(join(space.root, "big.txt"), 100);
    const searching = space.search({ pattern: "[a-h]+\\d[x-z]", regex: true });
    searching.catch(() => {});
    await sleep(100);
    await space.engine.close();
    await expect(searching).rejects.toMatchObject({ kind: "unavailable" });
    expect(space.engine.threads()).toBe(0);
  });
});
