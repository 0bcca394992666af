import net, { type AddressInfo } from "node:net";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { canIsolate, canTrace } from "../../src/connections/means.ts";
import { recordConnections, type RecordOptions } from "../../src/connections/record-connections.ts";

const fixture = fileURLToPath(new URL("../fixtures/server.ts", import.meta.url));

/** Lets the fixture do one thing and returns what was seen. */
function doing(how: string, target: string, options: RecordOptions = {}) {
  const drive = (session: { call(name: string, args: Record<string, unknown>): Promise<unknown> }) =>
    session.call("run", { how, target });
  return recordConnections(process.execPath, ["--disable-warning=ExperimentalWarning", fixture], drive, {
    era: "2025",
    ...options,
  });
}

test("a server that reaches nothing is seen to reach nothing", async () => {
  expect(await doing("echo", "hello")).toEqual({
    others: [],
    toServices: 0,
    witness: canTrace() ? "strace" : "node",
    isolated: canIsolate(),
  });
});

test.for([
  ["tcp", "192.0.2.1:443", { kind: "tcp", target: "192.0.2.1:443" }],
  ["tcp", "127.0.0.1:1", { kind: "tcp", target: "127.0.0.1:1" }],
  ["fetch", "192.0.2.2:8080", { kind: "tcp", target: "192.0.2.2:8080" }],
  ["fetch", "telemetry.invalid", { kind: "dns", target: "telemetry.invalid" }],
  ["udp", "192.0.2.3:8125", { kind: "udp", target: "192.0.2.3:8125" }],
  ["lookup", "update.invalid", { kind: "dns", target: "update.invalid" }],
  ["resolve", "version.invalid", { kind: "dns", target: "version.invalid" }],
  ["worker", "192.0.2.4:8080", { kind: "tcp", target: "192.0.2.4:8080" }],
] as const)("%s to %s is caught", async ([how, target, connection]) => {
  const { others } = await doing(how, target);
  expect(others).toContainEqual(connection);
});

test("another program is caught, where the kernel is asked", async ({ skip }) => {
  skip(!canTrace(), "needs strace");
  const { others } = await doing("shell", "192.0.2.5:9000");
  expect(others).toEqual([{ kind: "tcp", target: "192.0.2.5:9000" }]);
});

test("the server's own service is reachable and not counted, everything else is", async () => {
  const service = net.createServer((socket) => socket.end()).listen(0, "127.0.0.1");
  await once(service, "listening");
  const { port } = service.address() as AddressInfo;
  let served = 0;
  service.on("connection", () => served++);
  try {
    const services = [{ url: `tcp://127.0.0.1:${port}` }];
    expect(await doing("tcp", `127.0.0.1:${port}`, { services })).toMatchObject({ others: [], toServices: 1 });
    expect(served).toBe(1);
    const other = await doing("tcp", "127.0.0.1:1", { services });
    expect(other).toMatchObject({ others: [{ kind: "tcp", target: "127.0.0.1:1" }], toServices: 0 });
  } finally {
    service.close();
  }
});

test("nothing else of this machine is reachable", async ({ skip }) => {
  skip(!canIsolate(), "needs network namespaces");
  const stranger = net.createServer((socket) => socket.end()).listen(0, "127.0.0.1");
  await once(stranger, "listening");
  let reached = 0;
  stranger.on("connection", () => reached++);
  const { port } = stranger.address() as AddressInfo;
  try {
    const { others } = await doing("tcp", `127.0.0.1:${port}`);
    expect(others).toHaveLength(1);
    expect(reached).toBe(0);
  } finally {
    stranger.close();
  }
});

test("what the drive throws is thrown, after the server has ended", async () => {
  const failing = recordConnections(process.execPath, [fixture], () => Promise.reject(new Error("no")), {
    era: "2025",
  });
  await expect(failing).rejects.toThrow("no");
});
