import { spawnSync } from "node:child_process";
import { expect, test } from "vitest";
import { reasonLines, shortReason } from "../../src/dev/reason.ts";

const run = (code: string) => {
  const { status, stderr } = spawnSync(process.execPath, ["--input-type=module", "-e", code], { encoding: "utf8" });
  return { how: `exit status ${String(status)}`, stderr };
};

test("an error is told without the frames of Node", () => {
  const exit = run('import "node:fs";\nthrow new TypeError("no such thing");');
  expect(exit.stderr).toContain("    at ");
  const lines = reasonLines(exit);
  expect(lines).toContain("TypeError: no such thing");
  expect(lines.join("\n")).not.toMatch(/ {4}at |Node\.js v/u);
  expect(shortReason(exit)).toBe("TypeError: no such thing");
});

test("a module that is not there is named", () => {
  const exit = run('import "./nowhere.ts";');
  expect(shortReason(exit)).toMatch(/^Error \[ERR_MODULE_NOT_FOUND\]: Cannot find module .*nowhere\.ts/u);
  expect(reasonLines(exit).length).toBeLessThanOrEqual(8);
});

test("a server's own words are told as they are, at most eight lines", () => {
  const stderr = "mooring-example cannot start: --access everything is none of read, write, full.\n";
  expect(reasonLines({ how: "exit status 2", stderr })).toEqual([stderr.trim()]);
  expect(reasonLines({ how: "exit status 2", stderr: "line\n".repeat(20) })).toHaveLength(8);
});

test("a server that says nothing leaves its exit status", () => {
  expect(reasonLines({ how: "SIGKILL", stderr: "\n" })).toEqual(["SIGKILL"]);
  expect(shortReason({ how: "exit status 1", stderr: "" })).toBe("exit status 1");
  const several = "demo cannot start:\n  --url: is required.\n  --n: is no number.\n";
  expect(shortReason({ how: "exit status 2", stderr: several })).toBe("demo cannot start: --url: is required.");
});
