import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { openStateFolder, stateFile, stateFolder } from "../src/state.ts";

let folder: string;
let warnings: string[];
const log = { warn: (message: string) => warnings.push(message) };
beforeEach(async () => {
  warnings = [];
  folder = await mkdtemp(join(tmpdir(), "state-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
});

describe("stateFolder", () => {
  test("is the platform's place for state", () => {
    const at = (env: NodeJS.ProcessEnv, platform: NodeJS.Platform) =>
      stateFolder("github", { env, platform, home: "/home/ada" });
    expect(at({}, "linux")).toBe("/home/ada/.local/state/mooring/github");
    expect(at({ XDG_STATE_HOME: "/state" }, "linux")).toBe("/state/mooring/github");
    expect(at({ XDG_STATE_HOME: "relative" }, "linux")).toBe("/home/ada/.local/state/mooring/github");
    expect(at({}, "darwin")).toBe("/home/ada/Library/Application Support/mooring/github");
    expect(at({ LOCALAPPDATA: "/local" }, "win32")).toBe("/local/mooring/github");
  });
});

describe("openStateFolder", () => {
  test("makes it, and closes one that was open to others", async ({ skip }) => {
    if (process.platform === "win32") skip("no modes on Windows");
    const path = join(folder, "a", "b");
    await openStateFolder(path);
    expect((await stat(path)).mode & 0o777).toBe(0o700);
    await chmod(path, 0o755);
    await openStateFolder(path);
    expect((await stat(path)).mode & 0o777).toBe(0o700);
  });

  test("says what to do when it cannot be", async () => {
    const path = join(folder, "file");
    await writeFile(path, "");
    await expect(openStateFolder(join(path, "below"))).rejects.toMatchObject({
      kind: "unavailable",
      retryable: false,
      hint: expect.stringContaining("--state-dir") as string,
    });
  });
});

interface Seen {
  count: number;
}
function parse(value: unknown): Seen {
  const { count } = value as Partial<Seen>;
  if (typeof count !== "number") throw new Error("count is missing");
  return { count };
}
const open = (version = 1, migrate = {}) =>
  stateFile<Seen>({ path: join(folder, "seen.json"), version, parse, migrate, log });
const raw = () => readFile(join(folder, "seen.json"), "utf8");

describe("stateFile", () => {
  test("keeps a value with its version, for the owner only", async () => {
    expect(await open().read()).toBeUndefined();
    await open().write({ count: 1 });
    expect(await raw()).toBe('{"v":1,"count":1}\n');
    expect(await open().read()).toEqual({ count: 1 });
    const closed = process.platform === "win32" ? [0o666] : [0o600];
    expect(closed).toContain((await stat(join(folder, "seen.json"))).mode & 0o777);
    expect(await readdir(folder)).toEqual(["seen.json"]);
  });

  test("updates under a lock, and removes the file for undefined", async () => {
    await Promise.all(Array.from({ length: 20 }, () => open().update((now) => ({ count: (now?.count ?? 0) + 1 }))));
    expect(await open().read()).toEqual({ count: 20 });
    await open().update(() => undefined);
    expect(await readdir(folder)).toEqual([]);
  });

  test("an older version is migrated, step by step", async () => {
    await writeFile(join(folder, "seen.json"), '{"v":1,"n":"7"}');
    const migrate = {
      1: (value: unknown) => ({ number: Number((value as { n: string }).n) }),
      2: (value: unknown) => ({ count: (value as { number: number }).number }),
    };
    expect(await open(3, migrate).read()).toEqual({ count: 7 });
    await open(3, migrate).update((now) => now);
    expect(await raw()).toBe('{"v":3,"count":7}\n');
  });

  test("a newer version is refused by name and left as it is", async () => {
    const content = '{"v":2,"count":{"new":true}}';
    await writeFile(join(folder, "seen.json"), content);
    const error = {
      kind: "unavailable",
      message: expect.stringMatching(
        /seen\.json was written by a newer release \(version 2, this one knows 1\)\.$/,
      ) as string,
      hint: "Update this server, or move the file away to start anew.",
    };
    await expect(open().read()).rejects.toMatchObject(error);
    await expect(open().update(() => ({ count: 1 }))).rejects.toMatchObject(error);
    expect(await raw()).toBe(content);
  });

  test.for(["", "{", "null", "[]", '{"count":1}', '{"v":1,"count":"x"}', '{"v":0,"count":1}'])(
    "broken content %j is moved aside",
    async (content) => {
      await writeFile(join(folder, "seen.json"), content);
      expect(await open().read()).toBeUndefined();
      const [aside, ...more] = await readdir(folder);
      expect(aside).toMatch(/^seen\.json\.broken-\d+$/);
      expect(more).toEqual([]);
      expect(await readFile(join(folder, aside ?? ""), "utf8")).toBe(content);
      expect(warnings).toEqual([expect.stringContaining("seen.json was broken")]);
      await open().write({ count: 2 });
      expect(await open().read()).toEqual({ count: 2 });
    },
  );

  test("a version without a way forward counts as broken", async () => {
    await writeFile(join(folder, "seen.json"), '{"v":1,"count":1}');
    expect(await open(2).read()).toBeUndefined();
    expect(warnings).toHaveLength(1);
  });
});
