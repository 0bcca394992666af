// `npm run new [-- name --kind http-api …]`: a new server in servers/, installed, built, tested once and documented.
import "./require-node.mjs";
import { spawnSync } from "node:child_process";
import { join, relative } from "node:path";
import process from "node:process";
import { progress } from "./progress.mjs";
import { runLogged, tail } from "./run-logged.mjs";
import {
  ensureBuilt,
  ensureInstalled,
  environment,
  installedNode,
  pnpm,
  root,
  serverNames,
  SetupError,
} from "./workspace.mjs";

try {
  await ensureInstalled();
  await ensureBuilt();
  const before = serverNames();
  const generator = [join(root, "packages/create-server/dist/bin.js"), ...process.argv.slice(2)];
  const { status } = spawnSync(installedNode(), generator, { cwd: root, env: environment(), stdio: "inherit" });
  const made = serverNames().filter((name) => !before.includes(name));
  if (status !== 0 || made.length === 0) process.exitCode = status ?? 1;
  else for (const name of made) await complete(name);
} catch (error) {
  if (!(error instanceof SetupError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}

/**
 * What follows from the new code, so that its first commit has all of it: the lockfile, snapshots, documents.
 * @param {string} name
 */
async function complete(name) {
  const folder = join(root, "servers", name);
  const vitest = join(root, "node_modules/vitest/vitest.mjs");
  const installed = await pnpm("Installing dependencies", "new-install", ["install", "--no-frozen-lockfile"]);
  check(installed, "pnpm install");
  await ensureBuilt();
  // Not as in CI: snapshots that are not there yet are written.
  const env = { ...environment(), CI: "" };
  await step("Testing it", "new-test", [vitest, "run"], { cwd: folder, env });
  await step("Writing its documents", "new-docs", [join(root, "scripts/generate-docs.ts")], { cwd: root, env });
  process.stdout.write(
    `servers/${name} builds, passes its tests and is documented. npm test runs it with everything else from now on.\n`,
  );
}

/**
 * @param {string} title
 * @param {string} log
 * @param {string[]} args
 * @param {{ cwd: string, env: NodeJS.ProcessEnv }} options
 */
async function step(title, log, args, options) {
  const finished = progress(title);
  const file = join(root, "artifacts/logs", `${log}.log`);
  const { code } = await runLogged(installedNode(), args, { log: file, ...options });
  finished(code === 0 ? "done" : "failed");
  check({ code, log: file }, title);
}

/**
 * @param {{ code: number, log: string }} outcome
 * @param {string} what
 */
function check({ code, log }, what) {
  if (code !== 0) throw new SetupError(`${what} failed:\n${tail(log, 30)}\nWhole log: ${relative(root, log)}`);
}
