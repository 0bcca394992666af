import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { EmulatorServer } from "./emulated.ts";
import { tail } from "../tail.ts";

/** Throws with the emulator's own log when it does not start. */
export async function emulatorProcess(port: number, args: string[]): Promise<EmulatorServer> {
  // The source where this is the source, the built file where it is built.
  const script = fileURLToPath(new URL(`./emulator-server${import.meta.url.slice(-3)}`, import.meta.url));
  const child = fork(script, [...args, "--port", String(port)], {
    execArgv: ["--disable-warning=ExperimentalWarning"],
    stdio: ["ignore", "pipe", "pipe", "ipc"],
  });
  const [stdout, stderr] = [child.stdout, child.stderr];
  if (!stdout || !stderr) throw new Error("The emulator has no output.");
  const said = tail(stdout);
  const complained = tail(stderr);
  const logs = () => said() + complained();
  const exited = once(child, "exit");

  const ready = new Promise<number>((resolve) => {
    stdout.on("data", () => {
      if (said().includes("\n")) resolve((JSON.parse(said()) as { control: number }).control);
    });
  });
  const control = await Promise.race([ready, exited]);
  if (typeof control !== "number") throw new Error(`The emulator did not start: ${logs()}`);
  return {
    url: `http://127.0.0.1:${port}`,
    control: `http://127.0.0.1:${control}`,
    mode: "process",
    describe: script,
    logs,
    stop: async () => {
      child.kill("SIGTERM");
      await exited;
    },
  };
}
