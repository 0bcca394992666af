import { afterEach, expect, test, vi } from "vitest";
import { emptyEnvironment, hostEnvironment } from "../../src/check/environment.ts";

afterEach(() => vi.unstubAllEnvs());

const NETWORK = { NODE_EXTRA_CA_CERTS: "/ca.pem", HTTPS_PROXY: "http://proxy.test:1", no_proxy: "localhost" };

function stub(): void {
  for (const [name, value] of Object.entries({ ...NETWORK, API_TOKEN: "secret" })) vi.stubEnv(name, value);
}

test.for(["npx", "/usr/bin/npx", "uvx", "npm.cmd"])("%s reaches the network as its machine does", async (command) => {
  stub();
  expect(await hostEnvironment({}, command)).toMatchObject(NETWORK);
  expect(emptyEnvironment(command, "/home")).toMatchObject({ ...NETWORK, HOME: "/home" });
});

test("a server itself has nothing of that unless it is given, and no launcher has the author's secrets", async () => {
  stub();
  const names = (env: Record<string, string>) => Object.keys(env).filter((name) => name in NETWORK);
  expect(names(await hostEnvironment({}, "node"))).toEqual([]);
  expect(names(emptyEnvironment("node", "/home"))).toEqual([]);
  expect(await hostEnvironment({ no_proxy: "*" }, "npx")).toMatchObject({ no_proxy: "*" });
  expect(await hostEnvironment({}, "npx")).not.toHaveProperty("API_TOKEN");
  expect(emptyEnvironment("npx", "/home")).not.toHaveProperty("API_TOKEN");
});
