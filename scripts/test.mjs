// `npm test`: everything that CI runs. `npm test -- --only unit,docs` runs some of it; `--only install` only installs.
import "./require-node.mjs";
import process from "node:process";
import { handOver } from "./hand-over.mjs";
import { environment, ensureInstalled, installedNode, root, SetupError } from "./workspace.mjs";

try {
  await ensureInstalled();
  if (process.argv.slice(2).join(" ") !== "--only install")
    handOver(installedNode(), [`${root}/scripts/checks.ts`, ...process.argv.slice(2)], {
      cwd: root,
      env: environment(),
    });
} catch (error) {
  if (!(error instanceof SetupError)) throw error;
  console.error(error.message);
  process.stdout.write("0 passed, 1 failed\n");
  process.exitCode = 1;
}
