// What both commands need before anything is installed: plain JavaScript, Node 20.20, no packages.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { delimiter, join, relative, resolve } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { progress } from "./progress.mjs";
import { runLogged, tail } from "./run-logged.mjs";

/** The repository. */
export const root = resolve(fileURLToPath(import.meta.url), "../..");
const logs = join(root, "artifacts/logs");
// Beside what they describe: whoever deletes node_modules deletes them too.
const stamps = join(root, "node_modules/.mooring");

/** A problem with one plain sentence for the person who ran the command. */
export class SetupError extends Error {}

/** The environment of everything we start: the installed Node and tools first, nothing phones home. */
export function environment() {
  return {
    ...process.env,
    PATH: `${join(root, "node_modules/.bin")}${delimiter}${process.env["PATH"] ?? ""}`,
    TURBO_TELEMETRY_DISABLED: "1",
    DO_NOT_TRACK: "1",
    // `npm start --silent` would silence the reasons of a failing install as well.
    npm_config_loglevel: "error",
    // Without a network npm would wait more than a minute before it says so.
    npm_config_fetch_retry_mintimeout: "1000",
    npm_config_fetch_retry_maxtimeout: "5000",
  };
}

/** Servers by name: the folders of servers/ that hold a package. */
export function serverNames() {
  return readdirSync(join(root, "servers"))
    .filter((name) => existsSync(join(root, "servers", name, "package.json")))
    .sort();
}

/** Installs what the lockfile names, unless exactly that is there already. @throws SetupError */
export async function ensureInstalled() {
  const wanted = fingerprint([...manifests(), "pnpm-lock.yaml", "pnpm-workspace.yaml"]);
  await once("install", wanted, async () => {
    const { code, log } = await pnpm("Installing dependencies", "install", ["install", "--frozen-lockfile"]);
    if (code === 0) return;
    throw new SetupError(whyInstallFailed(code, log));
  });
}

/** Builds the packages and servers, unless their sources are unchanged. @throws SetupError */
export async function ensureBuilt() {
  const wanted = fingerprint([...manifests(), ...sources(), "pnpm-lock.yaml", "tsconfig.base.json", "turbo.json"]);
  const made = [
    ...serverNames().map((name) => `servers/${name}/dist/bin.js`),
    "packages/create-server/dist/templates.json",
  ];
  const isBuilt = () => made.every((file) => existsSync(join(root, file)));
  const build = async () => {
    const { code, log } = await pnpm("Building", "build", [
      "exec",
      "turbo",
      "run",
      "build",
      // Only tests run templates as they are; the generator has their sources.
      "--filter=!@mooring/template-*",
    ]);
    if (code !== 0) throw new SetupError(`The build failed:\n${tail(log, 30)}\nWhole log: ${relative(root, log)}`);
    if (!isBuilt())
      throw new SetupError(
        `The build left out ${made.find((file) => !existsSync(join(root, file)))}. Log: ${relative(root, log)}`,
      );
  };
  await once("build", wanted, build, isBuilt);
}

/** The Node to go on with: the installed one, or this one where its package has none for the platform. @throws SetupError */
export function installedNode() {
  const candidate = join(root, "node_modules/.bin", process.platform === "win32" ? "node.exe" : "node");
  if (existsSync(candidate) && spawnSync(candidate, ["--version"], { stdio: "ignore" }).status === 0) return candidate;
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  if (major > 22 || (major === 22 && minor >= 18)) return process.execPath;
  throw new SetupError(
    `Node 24 could not be installed into node_modules, and this Node is ${process.versions.node}: install Node 24 from https://nodejs.org and run the command again.`,
  );
}

/**
 * Runs pnpm with a line of progress; what it prints is in artifacts/logs.
 * @param {string} title
 * @param {string} name of the log
 * @param {string[]} args
 */
export async function pnpm(title, name, args) {
  const log = join(logs, `${name}.log`);
  const finished = progress(title);
  const { code } = await runLogged("npx", ["-y", pnpmVersion(), ...args], { log, cwd: root, env: environment() });
  finished(code === 0 ? "done" : "failed");
  return { code, log };
}

function pnpmVersion() {
  return String(JSON.parse(readFileSync(join(root, "package.json"), "utf8")).packageManager);
}

/**
 * @param {number} code
 * @param {string} log
 */
function whyInstallFailed(code, log) {
  if (code === 127)
    return "npm is missing: install Node together with npm from https://nodejs.org and run the command again.";
  const text = tail(log, 200);
  if (/ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH|network/i.test(text))
    return `The npm registry cannot be reached: connect to the network (or set npm's registry or proxy) and run the command again. Log: ${relative(root, log)}`;
  if (/ENOSPC/.test(text))
    return `The disk is full: free about 1 GB and run the command again. Log: ${relative(root, log)}`;
  return `The install failed:\n${tail(log, 30)}\nWhole log: ${relative(root, log)}`;
}

/**
 * Does something unless its stamp says that it is done; one process at a time, since hosts start one server per window.
 * @param {string} name
 * @param {string} wanted what the stamp holds afterwards
 * @param {() => Promise<void>} work
 * @param {() => boolean} isThere whether what the stamp speaks of still exists
 */
async function once(name, wanted, work, isThere = () => true) {
  const file = join(stamps, name);
  const isDone = () => existsSync(file) && readFileSync(file, "utf8") === wanted && isThere();
  if (isDone()) return;
  const unlock = await lock(join(root, `artifacts/${name}.lock`));
  try {
    if (isDone()) return;
    rmSync(file, { force: true });
    await work();
    mkdirSync(stamps, { recursive: true });
    writeFileSync(file, wanted);
  } finally {
    unlock();
  }
}

/** @param {string} file */
async function lock(file) {
  mkdirSync(join(root, "artifacts"), { recursive: true });
  for (;;) {
    try {
      writeFileSync(file, String(process.pid), { flag: "wx" });
      return () => rmSync(file, { force: true });
    } catch (error) {
      if (/** @type {NodeJS.ErrnoException} */ (error).code !== "EEXIST") throw error;
      if (!isHeld(file)) rmSync(file, { force: true });
      else await new Promise((resume) => setTimeout(resume, 250));
    }
  }
}

/** @param {string} file */
function isHeld(file) {
  try {
    process.kill(Number(readFileSync(file, "utf8")), 0);
    return true;
  } catch (error) {
    // ESRCH: its process has died. Otherwise the process is somebody else's, or the lock was given back just now.
    return /** @type {NodeJS.ErrnoException} */ (error).code !== "ESRCH";
  }
}

const TEMPLATES = "packages/create-server/templates";
// Made from the sources, or what a run left behind.
const MADE = new Set(["node_modules", "dist", ".turbo", "artifacts"]);

function packages() {
  return ["packages", "servers", TEMPLATES]
    .filter((folder) => existsSync(join(root, folder)))
    .flatMap((folder) => readdirSync(join(root, folder)).map((name) => `${folder}/${name}`))
    .filter((folder) => existsSync(join(root, folder, "package.json")));
}

function manifests() {
  return ["package.json", "test/package.json", ...packages().map((folder) => `${folder}/package.json`)];
}

function sources() {
  const built = packages().flatMap((folder) => [
    ...readdirSync(join(root, folder))
      .filter((name) => /^(tsconfig.*\.json|tsdown\.config\.ts|SKILL\.md)$/.test(name))
      .map((name) => `${folder}/${name}`),
    ...filesBelow(`${folder}/src`),
  ]);
  // The generator is built from all that a template holds, its tests included.
  return [...new Set([...built, ...filesBelow(TEMPLATES), ...filesBelow("packages/create-server/common")])];
}

/**
 * @param {string} folder
 * @returns {string[]}
 */
function filesBelow(folder) {
  if (!existsSync(join(root, folder))) return [];
  return readdirSync(join(root, folder), { withFileTypes: true })
    .filter(({ name }) => !MADE.has(name))
    .flatMap((entry) => {
      const path = `${folder}/${entry.name}`;
      return entry.isDirectory() ? filesBelow(path) : entry.isFile() ? [path] : [];
    });
}

/** @param {string[]} files */
function fingerprint(files) {
  const hash = createHash("sha256").update(`${process.platform} ${process.arch}\n`);
  for (const file of files.sort())
    hash
      .update(`${file}\n`)
      .update(readFileSync(join(root, file)))
      .update("\n");
  return hash.digest("hex");
}
