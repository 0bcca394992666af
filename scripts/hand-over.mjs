import { spawn } from "node:child_process";
import process from "node:process";

/**
 * Goes on as another program: its standard streams are ours, signals are passed on, and its exit status becomes ours.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv }} [options]
 */
export function handOver(command, args, { cwd = process.cwd(), env = process.env } = {}) {
  const child = spawn(command, args, { cwd, env, stdio: "inherit" });
  const pass = (/** @type {NodeJS.Signals} */ signal) => child.kill(signal);
  process.on("SIGTERM", pass);
  process.on("SIGHUP", pass);
  // A terminal sends ctrl-C to both of us; passing it on as well would count as pressing it twice.
  process.on("SIGINT", (signal) => void (process.stdin.isTTY || pass(signal)));
  child.on("error", (error) => {
    console.error(`${command} cannot be started: ${error.message}`);
    process.exitCode = 1;
  });
  child.on("exit", (code, signal) => {
    if (signal === null) process.exitCode = code ?? 1;
    else {
      process.removeAllListeners(signal);
      process.kill(process.pid, signal);
    }
  });
}
