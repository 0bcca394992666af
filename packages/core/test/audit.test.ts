import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { appendFile, mkdir, mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { type Audit, type AuditOptions, type AuditRecord, openAudit } from "../src/audit.ts";
import { verifyAudit } from "../src/audit-verify.ts";
import { createLog } from "../src/log.ts";
import { createRedactor } from "../src/redact.ts";

// Faults of the disk: only calls on files of this test's own folder are changed.
const fault = vi.hoisted(() => ({
  write: undefined as undefined | ((bytes: Buffer) => number),
  truncate: false,
  synced: 0,
}));
vi.mock("node:fs", async (original) => {
  const fs = await original<typeof import("node:fs")>();
  return {
    ...fs,
    writeSync: (fd: number, bytes: Buffer) => {
      if (!fault.write) return fs.writeSync(fd, bytes);
      const part = fault.write(bytes);
      return fs.writeSync(fd, bytes.subarray(0, part));
    },
    ftruncateSync: (fd: number, size: number) => {
      if (fault.truncate) throw new Error("EIO");
      fs.ftruncateSync(fd, size);
    },
    fdatasyncSync: (fd: number) => {
      fault.synced++;
      fs.fdatasyncSync(fd);
    },
  };
});

let dir: string;
let lines: string[];
const open: Audit[] = [];
beforeEach(async () => {
  dir = join(await mkdtemp(join(tmpdir(), "mooring-audit-")), "log");
  lines = [];
});
afterEach(async () => {
  Object.assign(fault, { write: undefined, truncate: false });
  for (const audit of open.splice(0)) audit.close();
  fault.synced = 0;
  await rm(join(dir, ".."), { recursive: true });
});

function audit(options: Partial<AuditOptions> = {}): Audit {
  const redactor = createRedactor("own");
  redactor.add("own-credential");
  const log = createLog({ level: "warn", redactor, sink: (line) => lines.push(line) });
  const opened = openAudit({ dir, server: "github", version: "1.2.3", redactor, onError: "block", log, ...options });
  open.push(opened);
  return opened;
}
const record = (over: Partial<AuditRecord> = {}): AuditRecord => ({
  kind: "outcome",
  ref: "r1",
  principal: "local",
  tool: "list_issues",
  access: "read",
  outcome: "ok",
  ms: 1.5,
  ...over,
});
const full = () => {
  throw Object.assign(new Error("ENOSPC: no space left on device"), { code: "ENOSPC" });
};
// Without waiting: a tick more, and waiting records are in the file.
const file = () => join(dir, readdirSync(dir)[0] as string);
function written(): Record<string, unknown>[] {
  return readFileSync(file(), "utf8")
    .split("\n")
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

describe("format", () => {
  test("one file a process, for its owner only, named after host, process and chance", async () => {
    audit();
    const path = file();
    expect(path).toMatch(new RegExp(`-${process.pid}-[0-9a-f]{12}\\.jsonl$`));
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect((await stat(dir)).mode & 0o777).toBe(0o700);
  });

  test("begins with a start record and chains each record to the one before", async () => {
    const log = audit();
    log.write(record({ args: { b: 1, a: [2] }, client: "client 1", bytes: 12, decision: "allow" }));
    log.write(record({ kind: "denied", ref: "r2", outcome: "denied" }));
    log.close();
    const path = file();
    const records = written();
    expect(records[0]).toEqual({
      v: 1,
      seq: 0,
      log: path.slice(dir.length + 1, -".jsonl".length),
      ts: expect.any(String),
      kind: "start",
      server: "github",
      version: "1.2.3",
      node: process.version,
      prev: "0".repeat(64),
      hash: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    expect(records[1]).toMatchObject({
      seq: 1,
      kind: "outcome",
      ref: "r1",
      principal: "local",
      client: "client 1",
      tool: "list_issues",
      access: "read",
      // the JSON with sorted keys
      argsHash: `sha256:${createHash("sha256").update('{"a":[2],"b":1}').digest("hex")}`,
      decision: "allow",
      outcome: "ok",
      ms: 1.5,
      bytes: 12,
      prev: records[0]?.["hash"],
    });
    expect(records[2]).toMatchObject({ seq: 2, kind: "denied", prev: records[1]?.["hash"] });
  });

  test("the hash is over the exact bytes of the line without its hash member", async () => {
    audit().close();
    const line = (await readFile(file(), "utf8")).trimEnd();
    const at = line.lastIndexOf(',"hash":"');
    expect(line.slice(at + 9, -2)).toBe(
      createHash("sha256")
        .update(`${line.slice(0, at)}}`)
        .digest("hex"),
    );
  });

  test("shows no arguments and no secrets, and escapes what comes from a caller", async () => {
    const log = audit();
    const token = `ghp_${"a1".repeat(18)}`;
    log.write(
      record({
        args: { path: "/private/plan.txt" },
        tool: `x\n{"forged":1}\u001b[2J\u202e${token}`,
        client: "own-credential",
        principal: "p".repeat(10_000),
      }),
    );
    log.close();
    const text = await readFile(file(), "utf8");
    expect(text).not.toMatch(/plan\.txt|own-credential|ghp_/);
    // oxlint-disable-next-line no-control-regex
    expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u202e]/);
    expect(text.split("\n")).toHaveLength(3);
    expect(text.length).toBeLessThan(2_000);
  });

  test("takes arguments of any depth and kind", async () => {
    let deep: unknown = "x";
    for (let i = 0; i < 20_000; i++) deep = [deep];
    const log = audit();
    log.write(record({ args: deep }));
    log.write(record({ args: { n: 1n } }));
    log.write(record({ args: null }));
    log.close();
    expect(
      written()
        .slice(1)
        .map((each) => each["argsHash"]),
    ).toEqual(["unhashable", "unhashable", expect.stringMatching(/^sha256:/)]);
  });
});

describe("writing", () => {
  test("an intent is on the disk when write returns, with all before it", async () => {
    const log = audit();
    log.write(record({ ref: "before" }));
    expect(written()).toHaveLength(1);
    log.write(record({ kind: "intent", ref: "r2", access: "destructive" }));
    expect(fault.synced).toBe(1);
    expect(written().map((each) => each["ref"])).toEqual([undefined, "before", "r2"]);
  });

  test("other records wait for flush, or for the end of the tick", async () => {
    const log = audit();
    log.write(record());
    expect(written()).toHaveLength(1);
    log.flush();
    expect(written()).toHaveLength(2);
    log.write(record());
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(written()).toHaveLength(3);
    expect(fault.synced).toBe(0);
  });

  test("close writes what is left, once, and ends the log", async () => {
    const log = audit();
    log.write(record());
    log.close();
    log.close();
    log.write(record());
    log.flush();
    expect(written()).toHaveLength(2);
  });

  test("two processes never share a file", async () => {
    audit();
    audit();
    expect(await readdir(dir)).toHaveLength(2);
  });
});

describe("a disk that takes nothing", () => {
  test("block: the destructive call is refused, its intent is not written later", async () => {
    const log = audit({ onError: "block" });
    fault.write = full;
    expect(() => log.write(record({ kind: "intent" }))).toThrow(
      expect.objectContaining({ name: "ToolError", kind: "unavailable" }),
    );
    fault.write = undefined;
    log.flush();
    expect(written()).toHaveLength(1);
  });

  test("warn: the call goes on, the log says so once, the record follows", async () => {
    const log = audit({ onError: "warn" });
    fault.write = full;
    for (let i = 0; i < 3; i++) expect(() => log.write(record({ kind: "intent", ref: `r${i}` }))).not.toThrow();
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain("ENOSPC");
    fault.write = undefined;
    log.flush();
    expect(written().map((each) => each["ref"])).toEqual([undefined, "r0", "r1", "r2"]);
    expect(lines[1]).toContain("writable again");
    expect(await verifyAudit(dir)).toMatchObject({ status: "ok" });
  });

  test.for(["block", "warn"] as const)(
    "%s: outcomes never throw; beyond 1,000 they are lost and counted",
    async (onError) => {
      const log = audit({ onError });
      fault.write = full;
      for (let i = 0; i < 1_500; i++) {
        log.write(record({ ref: `r${i}` }));
        log.flush();
      }
      fault.write = undefined;
      log.flush();
      const records = written();
      expect(records).toHaveLength(1_001);
      expect(records[1]).toMatchObject({ ref: "r500", lost: 500 });
      expect(await verifyAudit(dir)).toMatchObject({ status: "ok" });
    },
  );

  test("half a line is taken back, and the chain goes on", async () => {
    const log = audit();
    log.write(record({ ref: "r1" }));
    fault.write = (bytes) => bytes.length >> 1;
    log.flush();
    fault.write = undefined;
    log.flush();
    expect(written().map((each) => each["ref"])).toEqual([undefined, "r1"]);
    expect(await verifyAudit(dir)).toMatchObject({ status: "ok", records: 2 });
  });

  test("half a line that stays is the file's last: torn, not broken", async () => {
    const log = audit();
    fault.write = (bytes) => bytes.length >> 1;
    fault.truncate = true;
    log.write(record());
    log.flush();
    fault.write = undefined;
    fault.truncate = false;
    expect(() => log.write(record({ kind: "intent" }))).toThrow(expect.objectContaining({ kind: "unavailable" }));
    expect(await verifyAudit(dir)).toMatchObject({ status: "torn", line: 2 });
  });

  test("a start record that cannot be written stops the start", () => {
    fault.write = full;
    expect(() => audit()).toThrow("ENOSPC");
  });
});

describe("verifyAudit", () => {
  async function chain(count = 5): Promise<string[]> {
    const log = audit();
    for (let i = 1; i <= count; i++) log.write(record({ ref: `r${i}`, args: { i } }));
    log.close();
    return (await readFile(file(), "utf8")).split("\n");
  }
  const put = async (all: readonly string[]) => writeFile(file(), all.join("\n"));

  test("an untouched log holds, over several files", async () => {
    await chain(3);
    await chain(2).catch(() => {});
    expect(await verifyAudit(dir)).toEqual({ status: "ok", files: 2, records: 7, unfinished: [] });
  });

  test("names intents without an outcome", async () => {
    const log = audit();
    log.write(record({ kind: "intent", ref: "done" }));
    log.write(record({ ref: "done" }));
    log.write(record({ kind: "intent", ref: "cut short" }));
    log.close();
    expect(await verifyAudit(dir)).toMatchObject({ status: "ok", unfinished: ["cut short"] });
  });

  test("a changed line is found", async () => {
    const all = await chain();
    all[2] = (all[2] as string).replace('"outcome":"ok"', '"outcome":"denied"');
    await put(all);
    expect(await verifyAudit(dir)).toMatchObject({
      status: "broken",
      line: 3,
      reason: expect.stringContaining("changed"),
    });
  });

  test("a line changed with a fitting hash breaks the next one", async () => {
    const all = await chain();
    const body = (all[2] as string).replace('"outcome":"ok"', '"outcome":"denied"').replace(/,"hash":.*$/, "");
    all[2] = `${body},"hash":"${createHash("sha256").update(`${body}}`).digest("hex")}"}`;
    await put(all);
    expect(await verifyAudit(dir)).toMatchObject({
      status: "broken",
      line: 4,
      reason: expect.stringContaining("does not continue"),
    });
  });

  test("a removed, a doubled, a moved and a foreign line are found", async () => {
    const all = await chain();
    const faulty: [string[], number][] = [
      [all.toSpliced(2, 1), 3],
      [all.toSpliced(2, 0, all[2] as string), 4],
      [all.with(2, all[3] as string).with(3, all[2] as string), 3],
      [all.toSpliced(3, 0, '{"kind":"outcome"}'), 4],
      [all.toSpliced(3, 0, ""), 4],
      [all.slice(1), 1],
    ];
    for (const [text, line] of faulty) {
      await put(text);
      expect(await verifyAudit(dir)).toMatchObject({ status: "broken", line });
    }
  });

  test("a file under another name, or with another's lines, is found", async () => {
    const all = await chain();
    await rename(file(), join(dir, "other.jsonl"));
    expect(await verifyAudit(dir)).toMatchObject({ status: "broken", file: "other.jsonl", line: 1 });
    expect(all.length).toBeGreaterThan(1);
  });

  test("a torn last line is torn; a broken file is told first", async () => {
    await chain();
    await appendFile(file(), '{"v":1,"seq":6,"lo');
    expect(await verifyAudit(dir)).toMatchObject({ status: "torn", line: 7 });
    await writeFile(join(dir, "zz.jsonl"), "{}\n");
    expect(await verifyAudit(dir)).toMatchObject({ status: "broken", file: "zz.jsonl", line: 1 });
  });

  test("a cut tail is not visible: that is what the log does not prove", async () => {
    const all = await chain();
    await put([...all.slice(0, 3), ""]);
    expect(await verifyAudit(dir)).toMatchObject({ status: "ok", records: 3 });
  });

  test("an endless line is not read into memory", async () => {
    await mkdir(dir, { recursive: true });
    await writeFile(join(dir, "x.jsonl"), "x".repeat(3 << 20));
    expect(await verifyAudit(dir)).toMatchObject({ status: "broken", line: 1 });
  });

  test("any changed byte is found", async () => {
    const text = (await chain(3)).join("\n");
    await fc.assert(
      fc.asyncProperty(fc.nat(text.length - 2), fc.integer({ min: 32, max: 126 }), async (at, code) => {
        fc.pre(text.charCodeAt(at) !== code);
        await writeFile(file(), text.slice(0, at) + String.fromCharCode(code) + text.slice(at + 1));
        expect((await verifyAudit(dir)).status).not.toBe("ok");
      }),
      { numRuns: 300 },
    );
  });
});

describe("kill -9", () => {
  const writer = fileURLToPath(new URL("support/audit-writer.ts", import.meta.url));
  // Node before 22.18 reads TypeScript only when told to.
  const flags = process.features.typescript ? [] : ["--experimental-strip-types"];

  async function runAndKill(afterMs: number): Promise<void> {
    const child = spawn(process.execPath, ["--no-warnings", ...flags, writer, dir], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const exited = new Promise((resolve) => child.once("exit", resolve));
    await new Promise((resolve, reject) => {
      child.stdout.once("data", resolve);
      child.once("exit", () => reject(new Error("The writer ended by itself.")));
    });
    await new Promise((resolve) => setTimeout(resolve, afterMs));
    child.kill("SIGKILL");
    await exited;
  }

  test("leaves a chain that verifies, 20 times", async () => {
    await mkdir(dir, { recursive: true });
    for (let i = 0; i < 20; i += 2) await Promise.all([runAndKill(3 + i), runAndKill(4 + i)]);
    const verdict = await verifyAudit(dir);
    // At most the last line is half there, and everything before it holds.
    expect(["ok", "torn"]).toContain(verdict.status);
    expect(await readdir(dir)).toHaveLength(20);
    const size = readdirSync(dir).reduce((sum, name) => sum + readFileSync(join(dir, name)).length, 0);
    expect(size).toBeGreaterThan(20 * 20 * 300);
  }, 60_000);
});
