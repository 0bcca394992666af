import { chmodSync, mkdtempSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import {
  attackFiles,
  attemptCase,
  expandVariables,
  type FileCase,
  type FileOperation,
  type FileTarget,
  fillPlaceholders,
  formatReport,
  loadFileCases,
  NotApplicable,
  runCorpus,
  type StartTarget,
  startSwapper,
  whyNotHere,
} from "../src/corpus.ts";

const host = { platform: "linux", uid: 0 };

/** A server in this process: each operation is answered by a function. */
function serverOf(answers: Partial<Record<string, (operation: FileOperation) => unknown>>): StartTarget {
  return () =>
    Promise.resolve<FileTarget>({
      pid: process.pid,
      async call(operation) {
        const answer = answers[operation.op];
        if (!answer) throw new NotApplicable(`no tool for ${operation.op}`);
        try {
          return { error: false, text: String(await answer(operation)) };
        } catch (error) {
          return { error: true, text: (error as Error).message };
        }
      },
      close: () => Promise.resolve(),
    });
}

const naive = serverOf({
  read: ({ path = "" }) => readFile(path, "utf8"),
  write: ({ path = "", content = "" }) => writeFileSync(path, content),
  move: ({ src = "", dst = "" }) => renameSync(src, dst),
  stat: ({ path = "" }) => `no ${path}`,
});

function fileCase(part: Partial<FileCase> & Pick<FileCase, "op" | "checks">): FileCase {
  return { id: "case", category: "test", setup: [], ...part };
}

async function problemsOf(testCase: FileCase, start = naive): Promise<readonly string[]> {
  return (await attackFiles(testCase, start)).problems;
}

describe("cases", () => {
  it("expands known variables only", () => {
    expect(expandVariables("$ROOT/${ROOT}x ::$DATA $(seq $i)", { ROOT: "/r" })).toBe("/r//rx ::$DATA $(seq $i)");
  });

  it("fills placeholders and refuses unknown ones", () => {
    expect(fillPlaceholders("host={{host}}", { host: "h" })).toBe("host=h");
    expect(() => fillPlaceholders("{{port}}", {})).toThrow("{{port}}");
  });

  it("leaves out other platforms and the wrong uid, with the reason", () => {
    const base = { id: "a", category: "c" };
    expect(whyNotHere({ ...base, platforms: ["win32"] }, host)).toBe("only on win32");
    expect(whyNotHere({ ...base, needsRoot: true }, { ...host, uid: 1000 })).toBe("needs uid 0");
    expect(whyNotHere({ ...base, needsNonRoot: true }, host)).toBe("needs a uid other than 0");
    expect(whyNotHere({ ...base, platforms: ["linux"], needsRoot: true }, host)).toBeUndefined();
  });

  it("refuses a corpus with an unknown check, a case without checks, and an id that stands twice", () => {
    const file = join(mkdtempSync(join(tmpdir(), "corpus-test-")), "cases.json");
    const load = (...cases: unknown[]) => {
      writeFileSync(file, JSON.stringify({ cases }));
      return loadFileCases(file);
    };
    expect(() => load({ id: "a", checks: [{ kind: "errr" }] })).toThrow("errr");
    expect(() => load({ id: "a", checks: [] })).toThrow("checks nothing");
    expect(() => load({ id: "a", checks: [{ kind: "ok" }] }, { id: "a", checks: [{ kind: "ok" }] })).toThrow(
      "Two cases",
    );
  });
});

describe("results", () => {
  const testCase = { id: "a", category: "c" };

  it("tells passed, failed and not applicable apart", async () => {
    const outcomeOf = async (attack: () => Promise<{ problems: string[] }>) =>
      (await attemptCase(testCase, attack, host)).outcome;
    expect(await outcomeOf(async () => ({ problems: [] }))).toEqual({ status: "passed" });
    expect(await outcomeOf(async () => ({ problems: ["p"] }))).toEqual({ status: "failed", problems: ["p"] });
    expect(await outcomeOf(() => Promise.reject(new Error("broke")))).toEqual({
      status: "failed",
      problems: ["broke"],
    });
    expect(await outcomeOf(() => Promise.reject(new NotApplicable("no zip")))).toEqual({
      status: "not_applicable",
      reason: "no zip",
    });
  });

  it("counts what was left out by reason", async () => {
    const cases = [
      { id: "a", category: "c" },
      { id: "b", category: "c", platforms: ["win32"] },
      { id: "d", category: "c", platforms: ["win32"] },
      { id: "e", category: "c" },
    ];
    const report = await runCorpus(cases, async ({ id }) => ({ problems: id === "e" ? ["it leaked"] : [] }), { host });
    expect(report).toMatchObject({ passed: 1, failed: 1, notApplicable: 2, reasons: { "only on win32": 2 } });
    expect(formatReport(report, "files")).toBe(
      "FAIL e\n     it leaked\nfiles: 1 passed, 1 failed, 2 not applicable (2 only on win32)",
    );
  });
});

describe.runIf(process.platform !== "win32")("an attack on files (not on win32)", () => {
  it("runs the setup in fresh directories and expands the operation", async () => {
    const op = { op: "read", path: "$ROOT/made.txt" };
    expect(
      await problemsOf(
        fileCase({ setup: ["echo made > root/made.txt"], op, checks: [{ kind: "contains", value: "made" }] }),
      ),
    ).toEqual([]);
    expect(await problemsOf(fileCase({ op, checks: [{ kind: "error" }] }))).toEqual([]);
  });

  it("does not expand what is written", async () => {
    const op = { op: "write", path: "$ROOT/w", content: "$ROOT" };
    const hex = Buffer.from("$ROOT").toString("hex");
    expect(await problemsOf(fileCase({ op, checks: [{ kind: "file_hex", path: "root/w", hex }] }))).toEqual([]);
  });

  it.for([
    [{ kind: "error" }, "error:"],
    [{ kind: "contains", value: "absent" }, "contains"],
    [{ kind: "not_contains", value: "TOPSECRET" }, "not_contains"],
    [{ kind: "not_regex", value: "^TOP" }, "not_regex"],
    [{ kind: "text_lt", value: 3 }, "text_lt"],
    [{ kind: "time_lt_ms", value: 0 }, "time_lt_ms"],
    [{ kind: "mem_lt_mb", value: 1 }, "mem_lt_mb"],
    [{ kind: "sh", cmd: "test -e nothing" }, "sh"],
    [{ kind: "file_hex", path: "outside/secret.txt", hex: "00" }, "file_hex"],
    [{ kind: "file_hex_any", path: "outside/secret.txt", hex: ["00", "01"] }, "file_hex_any"],
    [{ kind: "leaks_eq", value: 0, needle: "TOPSECRET" }, "leaks_eq"],
    [{ kind: "same_error" }, "same_error"],
    [{ kind: "no_clobber" }, "no_clobber"],
    [{ kind: "mode_never_wider" }, "mode_never_wider"],
  ] as const)("sees that %o does not hold", async ([check, begins]) => {
    const [problem = "", ...more] = await problemsOf(
      fileCase({ op: { op: "read", path: "$OUT/secret.txt" }, checks: [check] }),
    );
    expect(problem).toMatch(new RegExp(`^${begins}`));
    expect(more).toEqual([]);
  });

  it("takes silence for an error, and a server that does not answer for dead", async () => {
    const silent = serverOf({ read: () => new Promise(() => undefined) });
    const op = { op: "read", path: "$ROOT/ok.txt" };
    expect(await problemsOf(fileCase({ op, timeout: 50, checks: [{ kind: "error" }] }), silent)).toEqual([]);
    expect(await problemsOf(fileCase({ op, timeout: 50, checks: [{ kind: "ok" }] }), silent)).toHaveLength(1);
    expect(await problemsOf(fileCase({ op, timeout: 50, checks: [{ kind: "alive" }] }), silent)).toHaveLength(1);
  });

  it("fails on what went wrong inside, whatever was answered", async () => {
    const start: StartTarget = async (settings) => ({ ...(await naive(settings)), faults: () => ["a TypeError"] });
    const op = { op: "read", path: "$ROOT/ok.txt" };
    expect(await problemsOf(fileCase({ op, checks: [{ kind: "ok" }] }), start)).toEqual(["fault: a TypeError"]);
  });

  it("runs steps that use what earlier ones answered", async () => {
    const steps = [
      { op: "read", path: "$ROOT/ok.txt", keep: { WORD: "^(\\w+)-content" } },
      { op: "shell", cmd: "echo kept > root/ok2.txt" },
      { op: "read", path: "$ROOT/${WORD}2.txt" },
    ];
    expect(
      await problemsOf(fileCase({ op: { op: "sequence", steps }, checks: [{ kind: "contains", value: "kept" }] })),
    ).toEqual([]);
  });

  it("searches only what is printed for control characters", async () => {
    const start: StartTarget = () =>
      Promise.resolve({
        pid: process.pid,
        call: async () => ({ error: false, text: "safe", strings: "a\u202eb TOPSECRET" }),
        close: async () => undefined,
      });
    const op = { op: "list", path: "$ROOT" };
    expect(await problemsOf(fileCase({ op, checks: [{ kind: "not_contains", value: "\u202e" }] }), start)).toEqual([]);
    expect(
      await problemsOf(fileCase({ op, checks: [{ kind: "not_contains", value: "TOPSECRET" }] }), start),
    ).toHaveLength(1);
  });

  it("compares two answers without their paths", async () => {
    const op = { op: "stat_pair", a: "$OUT/secret.txt", b: "$OUT/missing" };
    expect(await problemsOf(fileCase({ op, checks: [{ kind: "same_error" }] }))).toEqual([]);
  });

  it("is not applicable without the tool or a program, and fails on a broken setup", async () => {
    const outcomeOf = async (part: Partial<FileCase>) =>
      (
        await attemptCase(fileCase({ op: { op: "read", path: "x" }, checks: [{ kind: "info" }], ...part }), (each) =>
          attackFiles(each, naive),
        )
      ).outcome;
    expect(await outcomeOf({ op: { op: "unzip" } })).toEqual({ status: "not_applicable", reason: "no tool for unzip" });
    expect(await outcomeOf({ setup: ["no-such-program-here"] })).toEqual({
      status: "not_applicable",
      reason: "needs the program no-such-program-here",
    });
    expect(await outcomeOf({ setup: ["false"] })).toMatchObject({ status: "failed" });
  });

  it("sees a naive reader leak in a race", async () => {
    const naiveCheck = serverOf({
      async read({ path = "" }) {
        const { lstat } = await import("node:fs/promises");
        if ((await lstat(path)).isSymbolicLink()) throw new Error("a link");
        return readFile(path, "utf8");
      },
    });
    const race = { swap: ["root/f", "root/l"] as const, us: 0, n: 1500, concurrency: 16 };
    const setup = ["ln -s ../outside/secret.txt root/l", "echo harmless > root/f"];
    const checks = [{ kind: "leaks_eq", value: 0, needle: "TOPSECRET" } as const];
    const { problems, notes } = await attackFiles(
      fileCase({ setup, race, op: { op: "read", path: "$ROOT/f" }, checks }),
      naiveCheck,
    );
    expect(problems).toHaveLength(1);
    expect(notes?.[0]).toMatch(/exchanges by rename/);
  });

  it("sees destinations of others replaced", async () => {
    const slow = serverOf({
      async move({ src = "", dst = "" }) {
        await new Promise((resolve) => setTimeout(resolve, 5));
        renameSync(src, dst);
      },
    });
    const race = { creator: true, n: 20, concurrency: 4 };
    const op = { op: "move_fresh", src: "$ROOT/s$i", dst: "$ROOT/d$i" };
    const [problem] = await problemsOf(fileCase({ race, op, checks: [{ kind: "no_clobber" }] }), slow);
    expect(problem).toMatch(/no_clobber: \d+ files/);
  });

  it("sees a mode that was too wide for a moment", async () => {
    const leaky = (mode: number) =>
      serverOf({
        write({ path = "" }) {
          writeFileSync(`${path}.tmp`, "x", { mode });
          chmodSync(`${path}.tmp`, mode);
          renameSync(`${path}.tmp`, path);
        },
      });
    const setup = ["rm root/ok.txt", "echo x > root/w", "chmod 600 root/w"];
    const race = { watch_mode: true, n: 200 };
    const testCase = fileCase({
      setup,
      race,
      op: { op: "write", path: "$ROOT/w", content: "x" },
      checks: [{ kind: "mode_never_wider" }],
    });
    expect(await problemsOf(testCase, leaky(0o644))).toHaveLength(1);
    expect(await problemsOf(testCase, leaky(0o600))).toEqual([]);
  }, 20_000);

  it("leaves nothing behind", async () => {
    let base = "";
    const start: StartTarget = (settings) => {
      base = settings.base;
      return naive(settings);
    };
    await problemsOf(fileCase({ op: { op: "read", path: "$ROOT/ok.txt" }, checks: [{ kind: "ok" }] }), start);
    expect(() => readFileSync(base)).toThrow("ENOENT");
  });
});

describe.runIf(process.platform !== "win32")("the swapper (not on win32)", () => {
  it("exchanges, and leaves the names as they were", async () => {
    const folder = mkdtempSync(join(tmpdir(), "corpus-test-"));
    const names = [join(folder, "a"), join(folder, "b")] as const;
    for (const name of names) writeFileSync(name, name);
    const swapper = await startSwapper({ names, us: 10 });
    await new Promise((resolve) => setTimeout(resolve, 100));
    const exchanges = await swapper.stop();
    expect(exchanges).toBeGreaterThan(20);
    expect(exchanges % 2).toBe(0);
    expect(names.map((name) => readFileSync(name, "utf8"))).toEqual(names);
  });

  it("says why it cannot", async () => {
    await expect(startSwapper({ names: ["/nowhere/a", "/nowhere/b"], us: 5000 })).rejects.toThrow(
      "cannot be exchanged",
    );
  }, 20_000);
});
