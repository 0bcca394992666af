import { execFile } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { GeneratedTools } from "../../src/openapi/index.ts";

const here = fileURLToPath(new URL(".", import.meta.url));
const workspace = join(here, "../../../..");
const template = join(here, "../../templates/http-api");

export interface Outcome {
  readonly code: number;
  readonly output: string;
}

/** Generated tools in a folder of their own, with what the template gives them. */
export interface Project extends Disposable {
  readonly folder: string;
  /** One of the workspace's commands, in the folder. */
  run(command: "oxfmt" | "oxlint" | "tsc" | "vitest", ...args: string[]): Promise<Outcome>;
}

const SERVER = `import { defineServer } from "@mooring/core";
import { mapError } from "./errors.ts";
import type { Deps } from "./tool.ts";
import { tools } from "./tools/index.ts";

export const server = defineServer<Deps>({ name: "fixture", title: "Fixture", version: "0.0.0", fenced: true, tools, mapError });
`;

const LISTED = `import { connect, eras, lintTools } from "@mooring/testing";
import { expect, test } from "vitest";
import { server } from "../src/server.ts";
import { fakeApi } from "./fake-api.ts";

test.for(eras)("every tool is listed and portable in the era %s", async (era) => {
  await using mcp = await connect(server, { deps: fakeApi({}).deps, access: "full" }, era);
  const { tools } = await mcp.client.listTools();
  expect(tools).toHaveLength(server.tools.length);
  expect(lintTools(tools)).toEqual([]);
});
`;

/** Within the package, so that imports resolve as they do in a server; hidden, so that nothing else picks it up. */
export function project({ files }: Pick<GeneratedTools, "files">): Project {
  const folder = mkdtempSync(join(here, ".project-"));
  const write = (path: string, text: string) => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  };
  for (const [path, text] of files) write(path, text);
  for (const path of ["src/tool.ts", "src/errors.ts", "test/fake-api.ts"])
    cpSync(join(template, path), join(folder, path));
  write("src/server.ts", SERVER);
  write("test/listed.test.ts", LISTED);
  write("package.json", JSON.stringify({ private: true, type: "module" }));
  write("tsconfig.json", JSON.stringify({ extends: join(workspace, "tsconfig.base.json"), include: ["src", "test"] }));
  write("vitest.config.ts", "export default { test: { testTimeout: 30_000 } };\n");
  symlinkSync(join(template, "node_modules"), join(folder, "node_modules"));
  return {
    folder,
    run: (command, ...args) => run(join(workspace, "node_modules/.bin", command), args, folder),
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** Formatting of the files as they were generated: an empty list, or those that the formatter would change. */
export async function unformatted(made: Project, { files }: Pick<GeneratedTools, "files">): Promise<string> {
  const { output } = await made.run(
    "oxfmt",
    "-c",
    join(workspace, ".oxfmtrc.json"),
    "--list-different",
    ...files.keys(),
  );
  return output.trim();
}

export function lint(made: Project): Promise<Outcome> {
  return made.run("oxlint", "-c", join(workspace, ".oxlintrc.json"), "--deny-warnings", "src", "test");
}

function run(command: string, args: readonly string[], cwd: string): Promise<Outcome> {
  // The outer run's own settings would change the inner one's.
  const { VITEST: _, NODE_ENV: _env, ...env } = process.env;
  return new Promise((resolve) => {
    execFile(command, args, { cwd, env, timeout: 240_000, maxBuffer: 50_000_000 }, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === "number" ? error.code : -1;
      resolve({ code, output: stdout + stderr });
    });
  });
}
