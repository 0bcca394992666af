import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { afterAll, expect, test } from "vitest";

const root = fileURLToPath(new URL("..", import.meta.url));
// Inside the package, so that it can be imported by its own name.
const folder = `${root}artifacts/readme`;
afterAll(() => rmSync(folder, { recursive: true, force: true }));

// What the snippets take for granted: a server with one tool.
const server = `
import { defineServer } from "@mooring/core";
export const server = defineServer<{ greeting: string }>({ name: "hello", title: "Hello", version: "1.0.0", tools: [] });
`;

test("every snippet of the README compiles", () => {
  const snippets = [...readFileSync(`${root}README.md`, "utf8").matchAll(/```ts\n(.*?)```/gs)].map(([, code]) => code);
  expect(snippets.length).toBeGreaterThanOrEqual(4);
  mkdirSync(`${folder}/src`, { recursive: true });
  mkdirSync(`${folder}/test`, { recursive: true });
  writeFileSync(`${folder}/src/server.ts`, server);
  snippets.forEach((code = "", index) => writeFileSync(`${folder}/test/${index}.test.ts`, code));
  writeFileSync(
    `${folder}/tsconfig.json`,
    JSON.stringify({ extends: "../../../../tsconfig.base.json", include: ["**/*.ts"] }),
  );
  const tsc = fileURLToPath(new URL("../../../node_modules/.bin/tsc", import.meta.url));
  const { status, stdout } = spawnSync(tsc, ["-p", folder], { encoding: "utf8" });
  expect({ status, stdout }).toEqual({ status: 0, stdout: "" });
});
