import { expect, test } from "vitest";
import { locks } from "../../../src/health/checks/locks.ts";
import { judge } from "./rows.ts";

const waits = (pid: string, blockers: string, seconds: string) => ({
  pid,
  blockers,
  waits: seconds,
  mode: "ShareLock",
  target: "public.t",
  query: pid,
});

test("a circle, which ends when the deadlock is found, is one tree", async () => {
  const found = await judge(locks, [waits("1", "{2}", "1"), waits("2", "{1}", "2")]);
  expect(found).toHaveLength(1);
  expect(found[0]).toMatchObject({ severity: "low", subject: "pid 1" });
});

test("one that waits for two roots stands below both", async () => {
  const found = await judge(locks, [
    { pid: "1", state: "active" },
    { pid: "2", state: "idle in transaction" },
    waits("3", "{1,2}", "60"),
  ]);
  expect(found.map(({ subject, severity, fix }) => [subject, severity, fix])).toEqual([
    ["pid 1", "high", "SELECT pg_cancel_backend(1);"],
    ["pid 2", "high", "SELECT pg_terminate_backend(2);"],
  ]);
});

test("by how long the longest waits", async () => {
  const severity = async (seconds: string) =>
    (await judge(locks, [{ pid: "1" }, waits("2", "{1}", seconds)]))[0]?.severity;
  expect([await severity("4.9"), await severity("5"), await severity("59"), await severity("60")]).toEqual([
    "low",
    "medium",
    "medium",
    "high",
  ]);
});

test("a crowd is counted, and ten of it are named", async () => {
  const crowd = Array.from({ length: 40 }, (_, i) => waits(String(i + 2), "{1}", "1"));
  const [found] = await judge(locks, [{ pid: "1" }, ...crowd]);
  const lines = found?.evidence.split("\n") ?? [];
  expect(lines[0]).toMatch(/blocks 40 sessions/);
  expect([lines.length, lines.at(-1)]).toEqual([12, "    and 30 more"]);
});
