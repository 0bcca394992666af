import { readdirSync, readFileSync, rmSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { afterAll, expect, test } from "vitest";
import { compile } from "./support/compile.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
// Inside the package, so that it can be imported by its own name.
const folder = `${root}artifacts/readme`;
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const readme = readFileSync(`${root}README.md`, "utf8");

test("the snippets of the README compile as one server", { timeout: 60_000 }, () => {
  const snippets = [...readme.matchAll(/```ts file=(\S+)\n(.*?)```/gs)];
  expect(snippets.map(([, file]) => file)).toContain("src/main.ts");
  expect(readme.match(/```ts/g)).toHaveLength(snippets.length);
  const files = new Map(snippets.map(([, file = "", code = ""]) => [file, code]));
  expect(compile(folder, files)).toEqual({ status: 0, stdout: "" });
});

test("the tour names every file, and none that is not there", () => {
  const tour = readme.slice(readme.indexOf("## The files, by idea"), readme.indexOf("Subpaths:"));
  const named = [...tour.matchAll(/`([\w/*-]+)`/g)].map(([, name = ""]) => name).filter((name) => name !== "src/");
  const files = readdirSync(`${root}src`, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts"))
    .map((file) => file.replace(/\.ts$/, ""));
  const patterns = named.map((name) => new RegExp(`^${name.replace("*", ".*")}$`));
  // The entry files are the subpaths, and need no place of their own.
  const entries = ["index", "stdio", "http"];
  expect(files.filter((file) => !entries.includes(file) && !patterns.some((pattern) => pattern.test(file)))).toEqual(
    [],
  );
  expect(named.filter((_, i) => !files.some((file) => patterns[i]?.test(file)))).toEqual([]);
});
