import { fork } from "node:child_process";
import { once } from "node:events";
import { setTimeout as pause } from "node:timers/promises";
import { tail } from "../tail.ts";
import type { Program } from "./program.ts";
import type { Service } from "./service.ts";

// The program knows nothing of its parent, so what is loaded before it makes it go with us, even by SIGKILL.
const GUARD = 'process.once("disconnect",()=>process.exit());process.channel.unref()';
const POLL_MS = 50;
const STOP_MS = 2_000;

export async function programProcess(
  { name, file, env, ready, timeoutMs }: Program,
  port: number,
): Promise<Omit<Service, keyof AsyncDisposable>> {
  const child = fork(file, {
    execArgv: ["--import", `data:text/javascript,${encodeURIComponent(GUARD)}`],
    env: { PATH: process.env["PATH"], ...env, HOST: "127.0.0.1", PORT: String(port) },
    stdio: ["ignore", "pipe", "pipe", "ipc"],
  });
  const [stdout, stderr] = [child.stdout, child.stderr];
  if (!stdout || !stderr) throw new Error(`${name} has no output.`);
  const said = tail(stdout);
  const complained = tail(stderr);
  const logs = () => said() + complained();
  // Not `exit`: what it said last may still be in the pipes.
  const gone = new AbortController();
  const closed = once(child, "close").then(() => gone.abort());
  const stop = async () => {
    child.kill("SIGTERM");
    const impatience = setTimeout(() => child.kill("SIGKILL"), STOP_MS);
    await closed;
    clearTimeout(impatience);
  };

  const url = `http://127.0.0.1:${port}`;
  if (await answers(url + ready, timeoutMs, gone.signal)) return { url, mode: "process", describe: file, logs, stop };
  const why = gone.signal.aborted
    ? "ended before it was ready"
    : `did not answer ${ready} below 500 within ${timeoutMs} ms`;
  await stop();
  throw new Error(`${name} ${why}: ${logs()}`);
}

async function answers(url: string, timeoutMs: number, gone: AbortSignal): Promise<boolean> {
  const deadline = performance.now() + timeoutMs;
  while (performance.now() < deadline && !gone.aborted) {
    try {
      const signal = AbortSignal.any([gone, AbortSignal.timeout(1_000)]);
      const response = await fetch(url, { signal, redirect: "manual" });
      await response.body?.cancel();
      // Somebody else may have the port, and our program died of it.
      if (response.status < 500) return !gone.aborted;
    } catch {
      // It does not listen yet.
    }
    await pause(POLL_MS, undefined, { signal: gone }).catch(() => {});
  }
  return false;
}
