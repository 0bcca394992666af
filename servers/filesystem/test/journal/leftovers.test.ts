import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { run } from "../../src/sandbox/temporary.ts";
import { fixture } from "./fixture.ts";

const OTHER = "0123456789abcdef";
const temporary = (owner: string) => `.mooring-${owner}-0123456789ab.tmp`;

/** A change by this process, then its mark given to a process that is gone, as if it had been killed. */
async function killed(files: ReturnType<typeof fixture>, path: string): Promise<string> {
  await change(files.journal, files, path);
  const runs = join(files.stateDir, "journal", "runs");
  const mark = JSON.parse(readFileSync(join(runs, run), "utf8")) as object;
  const { pid } = spawnSync(process.execPath, ["--version"]);
  writeFileSync(join(runs, OTHER), JSON.stringify({ ...mark, pid }));
  return runs;
}

const change = (
  journal: ReturnType<typeof fixture>["journal"],
  { sandbox }: ReturnType<typeof fixture>,
  path: string,
) =>
  journal.change("write", [{ do: "put", place: sandbox.parse(path), content: Buffer.from("x"), expect: "any" }], {
    mustKeep: false,
  });

test("what a killed process left where it wrote goes with the next one's first change; nothing else does", async () => {
  using files = fixture();
  mkdirSync(join(files.root, "d"));
  mkdirSync(join(files.root, "elsewhere"));
  const runs = await killed(files, "d/a");
  const live = temporary(run);
  const stays = [".mooring-notes.tmp", `${temporary(OTHER)}~`, live, "x.tmp"];
  for (const name of [...stays, temporary(OTHER)]) writeFileSync(join(files.root, "d", name), "half");
  mkdirSync(join(files.root, "d", `.mooring-${OTHER}-ffffffffffff.tmp`, "copied"), { recursive: true });
  writeFileSync(join(files.root, "elsewhere", temporary(OTHER)), "never written to");
  const next = files.restart();
  await change(next.journal, files, "b");
  expect(readdirSync(join(files.root, "d")).toSorted()).toEqual(["a", ...stays].toSorted());
  expect(readdirSync(join(files.root, "elsewhere"))).toHaveLength(1);
  expect(readdirSync(runs)).toEqual([run]);
});

test("a process that lives, and one on another machine, is left alone", async () => {
  using files = fixture();
  const runs = await killed(files, "a");
  const mark = JSON.parse(readFileSync(join(runs, OTHER), "utf8")) as object;
  const left = join(files.root, temporary(OTHER));
  writeFileSync(left, "half");
  for (const other of [{ pid: process.pid }, { where: "another machine" }, { pid: "?" }]) {
    writeFileSync(join(runs, OTHER), JSON.stringify({ ...mark, ...other }));
    await change(files.restart().journal, files, "b");
    expect([other, existsSync(left)]).toEqual([other, true]);
  }
});

test("ending in order takes the mark away", async () => {
  using files = fixture();
  await change(files.journal, files, "a");
  const runs = join(files.stateDir, "journal", "runs");
  expect(readdirSync(runs)).toEqual([run]);
  files.journal.close();
  expect(readdirSync(runs)).toEqual([]);
});
