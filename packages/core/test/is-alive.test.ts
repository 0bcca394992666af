import { spawnSync } from "node:child_process";
import { expect, test } from "vitest";
import { isAlive } from "../src/is-alive.ts";

test("tells a running process from one that has ended", () => {
  const { pid } = spawnSync(process.execPath, ["-e", ""]);
  expect(isAlive(process.pid)).toBe(true);
  expect(isAlive(pid)).toBe(false);
});
