import { spawn } from "node:child_process";
import { closeSync, mkdirSync, openSync, readFileSync } from "node:fs";
import { dirname } from "node:path";
import process from "node:process";

const WINDOWS = process.platform === "win32";

/**
 * Runs a program with stdin closed and everything it prints in a file. Ends its whole process group when it takes too
 * long, or when we are asked to end.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ log: string, cwd: string, env?: NodeJS.ProcessEnv, append?: boolean, timeoutMs?: number }} options
 *   `log`: absolute path of the file
 * @returns {Promise<{ code: number, seconds: number }>} code 127: could not be started, 124: took too long
 */
export async function runLogged(command, args, { log, cwd, env = process.env, append = false, timeoutMs }) {
  mkdirSync(dirname(log), { recursive: true });
  const file = openSync(log, append ? "a" : "w");
  const started = performance.now();
  // On Windows npx and the tools are scripts, which only a shell starts. Elsewhere a group of its own: workers end with their parent.
  const shell = WINDOWS && !command.endsWith(".exe");
  const child = spawn(command, args, { cwd, env, stdio: ["ignore", file, file], shell, detached: !WINDOWS });
  const end = (/** @type {NodeJS.Signals} */ signal) => {
    try {
      if (WINDOWS || child.pid === undefined) child.kill(signal);
      else process.kill(-child.pid, signal);
    } catch {
      // It ended by itself.
    }
  };
  const stop = (/** @type {NodeJS.Signals} */ signal) => {
    end(signal);
    process.exit(130);
  };
  process.once("SIGINT", stop).once("SIGTERM", stop);
  let late = false;
  const timer = timeoutMs && setTimeout(() => ((late = true), end("SIGKILL")), timeoutMs);
  try {
    const code = await new Promise((done) => {
      child.on("error", () => done(127));
      child.on("exit", (status, signal) => done(late ? 124 : signal ? 1 : (status ?? 1)));
    });
    return { code, seconds: (performance.now() - started) / 1000 };
  } finally {
    clearTimeout(timer);
    process.off("SIGINT", stop).off("SIGTERM", stop);
    closeSync(file);
  }
}

/**
 * The end of a log, without terminal colours and without other people's stack frames.
 * @param {string} log
 * @param {number} lines
 */
export function tail(log, lines) {
  // oxlint-disable-next-line no-control-regex
  const text = readFileSync(log, "utf8").replace(/\u001b\[[0-9;?]*[A-Za-z]/g, "");
  // Where a tool was inside itself pushes out what it had to say.
  const told = text
    .trimEnd()
    .split("\n")
    .filter((line) => !/\bat .*\/node_modules\/.*:\d+:\d+\)?$/.test(line));
  return told.slice(-lines).join("\n");
}
