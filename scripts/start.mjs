// `npm start`: the tour. `npm start --silent -- <server> [arguments]`: that server over stdio, for a host.
import "./require-node.mjs";
import { join } from "node:path";
import process from "node:process";
import { ensureBuilt, ensureInstalled, installedNode, root, serverNames, SetupError } from "./workspace.mjs";
import { handOver } from "./hand-over.mjs";

const USAGE = `npm start                                   a tour: what each server does, and the lines to paste into your host
npm start --silent -- <server> [arguments]  that server over stdio (for a host: node scripts/start.mjs <server> [arguments])
Servers: ${serverNames().join(", ")}`;

const [name, ...args] = process.argv.slice(2);
if (name === "--help" || name === "-h") console.error(USAGE);
else if (name !== undefined && !serverNames().includes(name)) {
  console.error(`There is no server "${name}". There are: ${serverNames().join(", ")}.`);
  process.exitCode = 2;
} else {
  try {
    await ensureInstalled();
    await ensureBuilt();
    const script = join(root, name === undefined ? "scripts/tour.ts" : `servers/${name}/dist/bin.js`);
    // npm changes into the repository; relative directories are meant from where the person stands.
    const throughNpm = process.env["npm_package_json"] === join(root, "package.json");
    const cwd = (throughNpm && process.env["INIT_CWD"]) || process.cwd();
    handOver(installedNode(), [script, ...args], { cwd });
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    console.error(error.message);
    process.exitCode = 1;
  }
}
