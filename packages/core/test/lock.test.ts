import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, utimes, writeFile } from "node:fs/promises";
import { hostname, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { beforeEach, expect, onTestFinished, test } from "vitest";
import { withLock } from "../src/lock.ts";

let lock: string;
beforeEach(async () => {
  const folder = await mkdtemp(join(tmpdir(), "lock-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  lock = join(folder, "inner", "state.lock");
});

async function leave(content: string, ageMs = 0): Promise<void> {
  await mkdir(dirname(lock), { recursive: true });
  await writeFile(lock, content);
  const at = new Date(Date.now() - ageMs);
  await utimes(lock, at, at);
}

test("calls of one process take turns, in order, and nothing is left behind", async () => {
  const events: string[] = [];
  const job = (name: string) =>
    withLock(lock, async () => {
      events.push(`${name}+`);
      await sleep(5);
      events.push(`${name}-`);
    });
  await Promise.all([job("a"), job("b"), job("c")]);
  expect(events).toEqual(["a+", "a-", "b+", "b-", "c+", "c-"]);
  await expect(readFile(lock)).rejects.toThrow("ENOENT");
});

test("a failed work releases the lock and passes its error on", async () => {
  await expect(withLock(lock, () => Promise.reject(new Error("mine")))).rejects.toThrow("mine");
  expect(await withLock(lock, async () => "next")).toBe("next");
});

test("eight processes that add to one number lose nothing, also with a dead holder's lock in the way", async () => {
  await leave(JSON.stringify({ pid: 999_999_999, started: "1", host: hostname(), token: "gone" }));
  const counter = `${lock}.count`;
  await writeFile(counter, "0");
  const program = `
    import { readFile, writeFile } from "node:fs/promises";
    import { withLock } from ${JSON.stringify(new URL("../src/lock.ts", import.meta.url).href)};
    for (let i = 0; i < 10; i += 1)
      await withLock(${JSON.stringify(lock)}, async () => {
        const count = Number(await readFile(${JSON.stringify(counter)}, "utf8"));
        await writeFile(${JSON.stringify(counter)}, String(count + 1));
      }, { waitMs: 30_000 });`;
  const run = promisify(execFile);
  await Promise.all(
    Array.from({ length: 8 }, () =>
      run(process.execPath, ["--no-warnings", "--experimental-strip-types", "--input-type=module", "-e", program]),
    ),
  );
  expect(await readFile(counter, "utf8")).toBe("80");
}, 60_000);

test("a pid that was given to another process does not keep the lock", async ({ skip }) => {
  if (process.platform !== "linux") skip("needs /proc");
  await leave(JSON.stringify({ pid: process.ppid, started: "1", host: hostname(), token: "gone" }));
  expect(await withLock(lock, async () => "mine", { waitMs: 0 })).toBe("mine");
});

test("a live holder is waited for, for a bounded time", async () => {
  let release = () => {};
  const { promise: isHeld, resolve: hold } = Promise.withResolvers<void>();
  const held = withLock(lock, () => new Promise<void>((done) => ((release = done), hold())));
  await isHeld;
  const content = await readFile(lock, "utf8");
  release();
  await held;
  await writeFile(lock, content);
  const at = performance.now();
  await expect(withLock(lock, async () => {}, { waitMs: 60 })).rejects.toMatchObject({
    kind: "unavailable",
    retryable: true,
  });
  expect(performance.now() - at).toBeGreaterThanOrEqual(55);
  expect(await readFile(lock, "utf8")).toBe(content);
});

test("a holder that cannot be checked counts as gone after the longest hold, a torn lock sooner", async () => {
  const foreign = JSON.stringify({ pid: 1, started: "1", host: "elsewhere.example", token: "far" });
  await leave(foreign, 30_000);
  await expect(withLock(lock, async () => {}, { waitMs: 0 })).rejects.toMatchObject({ kind: "unavailable" });
  await leave(foreign, 61_000);
  expect(await withLock(lock, async () => "mine", { waitMs: 0 })).toBe("mine");

  await leave("", 100);
  await expect(withLock(lock, async () => {}, { waitMs: 0 })).rejects.toMatchObject({ kind: "unavailable" });
  await leave("", 2_500);
  expect(await withLock(lock, async () => "mine", { waitMs: 0 })).toBe("mine");
});

test("waiting ends with the caller's signal", async () => {
  await leave(JSON.stringify({ pid: process.pid, started: null, host: hostname(), token: "other" }));
  const controller = new AbortController();
  const waiting = withLock(lock, async () => {}, { signal: controller.signal });
  await sleep(20);
  controller.abort();
  const queued = withLock(lock, async () => {}, { signal: AbortSignal.abort() });
  await expect(queued).rejects.toMatchObject({ name: "AbortError" });
  await expect(waiting).rejects.toMatchObject({ name: "AbortError" });
});
