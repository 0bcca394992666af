import type { Emulated, EmulatorServer, Fault, Hit } from "./emulated.ts";
import { emulatorContainer } from "./emulator-container.ts";
import { emulatorProcess } from "./emulator-process.ts";
import { onFreePort } from "./free-port.ts";
import { modeFor, variable } from "./mode.ts";
import { service } from "./service.ts";

const TOKEN = "test-token";
const tokens = { [TOKEN]: { login: "octocat", scopes: ["repo", "user", "admin:org"] } };

/** GitHub's API with the user `octocat`; `seed` adds repositories, organizations and so on in the form of `emulate`. */
export function startGitHub(seed: object = {}): Promise<Emulated> {
  return start("github", { tokens, github: { users: [{ login: "octocat", name: "The Octocat" }], ...seed } });
}

/** Slack's Web API with a team, the user `octocat` and the channel `general`; `seed` replaces them in the form of `emulate`. */
export function startSlack(seed: object = {}): Promise<Emulated> {
  const slack = { team: { name: "T", domain: "t" }, users: [{ name: "octocat" }], channels: [{ name: "general" }] };
  return start("slack", { tokens, slack: { ...slack, ...seed } });
}

async function start(name: "github" | "slack", seed: object): Promise<Emulated> {
  const image = variable("TEST_IMAGE_EMULATE") ?? "mooring-test/emulate:latest";
  const { mode } = await modeFor(image);
  const server = await onFreePort((port) => {
    // Fixed and chosen first: the URLs inside the answers must name it.
    const args = [name, "--base-url", `http://127.0.0.1:${port}`, "--seed", JSON.stringify(seed)];
    return mode === "containers" ? emulatorContainer(image, port, args) : emulatorProcess(port, args);
  });
  return service(name, { ...server, token: TOKEN, ...controls(server) });
}

function controls({ control }: EmulatorServer) {
  async function ask(path: string, body?: unknown): Promise<unknown> {
    const init = body === undefined ? {} : { method: "POST", body: JSON.stringify(body) };
    const response = await fetch(control + path, init);
    const text = await response.text();
    if (!response.ok) throw new Error(`The emulator refused ${path}: ${response.status} ${text}`);
    return JSON.parse(text);
  }
  return {
    reset: async () => void (await ask("/reset", {})),
    faults: async (faults: readonly Fault[]) => void (await ask("/faults", faults)),
    hits: () => ask("/hits") as Promise<readonly Hit[]>,
  };
}
