import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { rendered } from "./variants.ts";

const root = fileURLToPath(new URL("../../../..", import.meta.url));
const files = rendered({ kind: "http-api", access: "full", place: "standalone" });
const workflows = new Map([...files].filter(([path]) => path.startsWith(".github/workflows/")));

const actions = (text: string) => [...text.matchAll(/\buses: (\S+@\S+ # \S+)$/gm)].map(([, action = ""]) => action);

// scripts/lint-workflows.ts lints them as templates; here they are as an author has them.

test("new projects run the same versions of actions as this repository", () => {
  const folder = join(root, ".github/workflows");
  const ours = new Set(readdirSync(folder).flatMap((name) => actions(readFileSync(join(folder, name), "utf8"))));
  const theirs = [...workflows.values()].flatMap(actions);
  expect(theirs.length).toBeGreaterThan(10);
  expect(theirs.filter((action) => !ours.has(action))).toEqual([]);
  const used = [...workflows.values()].flatMap((text) => text.match(/\buses:/g) ?? []);
  expect(theirs).toHaveLength(used.length);
});

test("they run only commands that their project has", () => {
  const { scripts } = JSON.parse(files.get("package.json") ?? "") as { scripts: Readonly<Record<string, string>> };
  const lines = [...workflows.values()].flatMap((text) => text.split("\n")).filter((line) => !line.startsWith("#"));
  const named = [...lines, ...Object.values(scripts)].flatMap((command) =>
    [...command.matchAll(/\bnpm (?:run )?([\w:-]+)/g)].map(([, name = ""]) => name),
  );
  expect(named).toEqual(expect.arrayContaining(["test", "test:services", "check", "compare", "versions", "build"]));
  expect(named.filter((name) => scripts[name] === undefined && name !== "ci")).toEqual([]);
});

test("they write no token to the disk, and pack under the server's name", () => {
  const release = workflows.get(".github/workflows/release.yml") ?? "";
  expect(release).toContain("mooring-weather.mcpb");
  for (const text of workflows.values())
    expect(text.match(/persist-credentials: false/g)).toHaveLength(
      text.match(/uses: actions\/checkout@/g)?.length ?? 0,
    );
});
