import { mkdirSync, renameSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { watchFiles } from "../../src/dev/watch.ts";
import { makeProject } from "./project.ts";
import { eventually } from "./raw-session.ts";

/** What was told so far, as one list. */
async function watched(dir: string, events: boolean, paths = ["src", "package.json", "SKILL.md"]) {
  const told: string[] = [];
  const onChange = (changed: readonly string[]) => void told.push(...changed);
  const { close } = await watchFiles({ paths, cwd: dir, onChange, events });
  const hears = (path: string) => eventually(() => told.includes(path));
  return { told, hears, [Symbol.dispose]: close };
}

describe.for([true, false])("with events: %s", (events) => {
  test("tells of what is saved, in every way of saving", async () => {
    using project = makeProject();
    using watch = await watched(project.dir, events);
    project.save("src/tool.ts", "saved\n");
    await watch.hears("src/tool.ts");
    project.saveByRenaming("src/tools/greet.ts", "renamed\n");
    await watch.hears("src/tools/greet.ts");
    project.save("src/new/deep/file.ts", "new\n");
    await watch.hears("src/new/deep/file.ts");
    project.save("src/new/deep/file.ts", "and changed\n");
    await eventually(() => watch.told.filter((path) => path === "src/new/deep/file.ts").length === 2);
    project.remove("src/tools/slow.ts");
    await watch.hears("src/tools/slow.ts");
    project.saveByRenaming("package.json", "{}\n");
    await watch.hears("package.json");
    project.save("SKILL.md", "was not there\n");
    await watch.hears("SKILL.md");
    expect(watch.told.every((path) => /^(src\/.*\.ts|package\.json|SKILL\.md)$/u.test(path))).toBe(true);
  });

  test("tells of nothing else", async () => {
    using project = makeProject();
    using watch = await watched(project.dir, events);
    project.save("note.txt", "not of the server\n");
    project.save("README.md", "nor this\n");
    for (const name of [".tool.ts.swp", "tool.ts~", "4913", "#tool.ts#", "node_modules/x/index.js", ".git/index"])
      project.save(`src/${name}`, "an editor's\n");
    // A name that comes and goes.
    writeFileSync(join(project.dir, "src/passing.ts"), "");
    rmSync(join(project.dir, "src/passing.ts"));
    project.save("src/tool.ts", "the last\n");
    await watch.hears("src/tool.ts");
    expect(watch.told).toEqual(["src/tool.ts"]);
  });

  test("tells of many files at once, once", async () => {
    using project = makeProject();
    const changes: (readonly string[])[] = [];
    const { close } = await watchFiles({
      paths: ["src"],
      cwd: project.dir,
      onChange: (changed) => changes.push(changed),
      events,
    });
    for (let i = 0; i < 50; i++) project.save(`src/many/${i}.ts`, "one\n");
    await eventually(() => changes.length > 0);
    close();
    expect(changes.flat()).toHaveLength(50);
    expect(changes).toHaveLength(1);
  });
});

test("a folder that is replaced is watched on", async () => {
  using project = makeProject();
  using watch = await watched(project.dir, true);
  renameSync(join(project.dir, "src"), join(project.dir, "old"));
  await watch.hears("src/tool.ts");
  mkdirSync(join(project.dir, "src"));
  project.save("src/other.ts", "as git does\n");
  await watch.hears("src/other.ts");
  expect(watch.told.filter((path) => path === "src/tool.ts")).toHaveLength(1);
});

test("a file that is touched was saved", async () => {
  using project = makeProject();
  using watch = await watched(project.dir, true);
  utimesSync(join(project.dir, "src/tool.ts"), new Date(), new Date(Date.now() + 5_000));
  await watch.hears("src/tool.ts");
  expect(watch.told).toEqual(["src/tool.ts"]);
});

test("nothing is told after the end", async () => {
  using project = makeProject();
  const watch = await watched(project.dir, true);
  project.save("src/tool.ts", "just before\n");
  watch[Symbol.dispose]();
  await new Promise((resolve) => setTimeout(resolve, 700));
  expect(watch.told).toEqual([]);
});
