import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync } from "node:fs";
import net from "node:net";
import { fileURLToPath } from "node:url";
import { expect, test, vi } from "vitest";
import type { Mode } from "../../src/services/mode.ts";

const fixture = fileURLToPath(new URL("../fixtures/start-and-hang.ts", import.meta.url));

function listens(url: string): Promise<boolean> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve) => {
    const socket = net.connect(Number(port), hostname);
    socket.on("connect", () => resolve(true)).on("error", () => resolve(false));
    socket.on("connect", () => socket.destroy());
  });
}

function postgresDirectories(): string[] {
  return existsSync("/dev/shm") ? readdirSync("/dev/shm").filter((name) => name.startsWith("mooring-postgres-")) : [];
}

// Containers: by the reaper, ten seconds after its last client (of all parallel runs) has gone. Processes: by the end of a pipe.
test.for(["postgres", "github", "program"])(
  "%s does not outlive a test process that was killed",
  { timeout: 90_000 },
  async (name) => {
    const before = postgresDirectories();
    const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", fixture, name], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const [line] = (await once(child.stdout, "data")) as [Buffer];
    const { url, mode } = JSON.parse(String(line)) as { url: string; mode: Mode };
    expect(await listens(url)).toBe(true);
    child.kill("SIGKILL");
    await vi.waitUntil(async () => !(await listens(url)), {
      timeout: mode === "containers" ? 80_000 : 3_000,
      interval: 200,
    });
    await vi.waitUntil(() => postgresDirectories().every((directory) => before.includes(directory)), {
      timeout: 3_000,
    });
    expect(await listens(url)).toBe(false);
  },
);
