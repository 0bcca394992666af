// `npm run bench [-- part ...]`: installs and builds what is missing, then measures against the peers (test/bench/run.ts).
import "./require-node.mjs";
import { join } from "node:path";
import process from "node:process";
import { handOver } from "./hand-over.mjs";
import { ensureBuilt, ensureInstalled, installedNode, root, SetupError } from "./workspace.mjs";

try {
  await ensureInstalled();
  await ensureBuilt();
  handOver(installedNode(), [join(root, "test/bench/run.ts"), ...process.argv.slice(2)], { cwd: root });
} catch (error) {
  if (!(error instanceof SetupError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
