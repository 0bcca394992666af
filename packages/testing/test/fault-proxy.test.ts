import { once } from "node:events";
import net, { type AddressInfo, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { type FaultProxy, startFaultProxy } from "../src/fault-proxy.ts";

/** Sends back what it gets. */
const echo = net.createServer({ allowHalfOpen: true }, (socket) => {
  socket.on("error", () => {});
  socket.pipe(socket);
});
let proxy: FaultProxy;
let clients: Socket[] = [];

beforeAll(async () => {
  echo.listen(0, "127.0.0.1");
  await once(echo, "listening");
  proxy = await startFaultProxy({ host: "127.0.0.1", port: (echo.address() as AddressInfo).port });
});
afterAll(async () => {
  await proxy.stop();
  echo.close();
});
beforeEach(async () => {
  proxy.clear();
  for (const client of clients) client.destroy();
  clients = [];
  await vi.waitUntil(() => proxy.open === 0);
});

async function connect(): Promise<Socket> {
  const client = net.connect({ host: proxy.host, port: proxy.port });
  clients.push(client);
  await once(client, "connect");
  return client;
}

/** Milliseconds until as much came back as was sent. */
async function roundTrip(client: Socket, bytes = 1): Promise<number> {
  const began = performance.now();
  let received = 0;
  const all = new Promise<void>((resolve, reject) => {
    client.on("data", (chunk: Buffer) => (received += chunk.length) >= bytes && resolve());
    client.once("error", reject);
  });
  client.write(Buffer.alloc(bytes, "x"));
  await all;
  return performance.now() - began;
}

function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? String(error);
}

test("without faults it only carries", async () => {
  const client = await connect();
  let received = "";
  client.setEncoding("utf8").on("data", (chunk: string) => (received += chunk));
  for (let i = 0; i < 100; i++) client.write(`${i},`);
  client.end();
  await once(client, "end");
  expect(received).toBe(Array.from({ length: 100 }, (_, i) => `${i},`).join(""));
});

test("latency acts each way, on open connections too", async () => {
  const client = await connect();
  expect(await roundTrip(client)).toBeLessThan(80);
  proxy.set({ latencyMs: 60 });
  expect(await roundTrip(client)).toBeGreaterThanOrEqual(118);
});

test("jitter only adds", async () => {
  const client = await connect();
  proxy.set({ latencyMs: 20, jitterMs: 20 });
  const ms = await roundTrip(client);
  expect(ms).toBeGreaterThanOrEqual(38);
  expect(ms).toBeLessThan(1_000);
});

test("bandwidth is what is asked for", async () => {
  const client = await connect();
  proxy.set({ bytesPerSec: 100_000 });
  // 20 kB take 0.2 s each way, and the second way begins with the first chunk's arrival.
  const ms = await roundTrip(client, 20_000);
  expect(ms).toBeGreaterThanOrEqual(195);
  expect(ms).toBeLessThan(3_000);
});

test("a black hole keeps everything, and gives it back when it ends", async () => {
  const client = await connect();
  proxy.set({ blackhole: true });
  const answered = roundTrip(client);
  expect(await Promise.race([answered, sleep(150, "silence")])).toBe("silence");
  expect(client.destroyed).toBe(false);
  proxy.clear();
  expect(await answered).toBeGreaterThanOrEqual(140);
});

test("a silent accept connects and never answers", async () => {
  proxy.set({ acceptButSilent: true });
  const client = await connect();
  expect(await Promise.race([roundTrip(client), sleep(150, "silence")])).toBe("silence");
});

test("a connection is reset once it has carried enough", async () => {
  const client = await connect();
  proxy.set({ resetAfterBytes: 1_000 });
  expect(await roundTrip(client, 100)).toBeGreaterThan(0);
  expect(codeOf(await roundTrip(client, 5_000).catch((error: unknown) => error))).toBe("ECONNRESET");
});

test("a reset by hand reaches every open connection", async () => {
  const all = await Promise.all([connect(), connect()]);
  await Promise.all(all.map((client) => roundTrip(client)));
  expect(proxy.open).toBe(2);
  const errors = Promise.all(all.map(async (client) => codeOf((await once(client, "error"))[0])));
  proxy.resetAll();
  expect(await errors).toEqual(["ECONNRESET", "ECONNRESET"]);
  expect(proxy.open).toBe(0);
});

test("a polite end is an end", async () => {
  const client = await connect();
  await roundTrip(client);
  const ended = once(client, "end");
  proxy.closeAll();
  await expect(ended).resolves.toEqual([]);
});

test("down refuses, up listens on the same port again", async () => {
  const { port } = proxy;
  await proxy.down();
  expect(codeOf(await connect().catch((error: unknown) => error))).toBe("ECONNREFUSED");
  await proxy.up();
  expect(proxy.port).toBe(port);
  expect(await roundTrip(await connect())).toBeGreaterThan(0);
});

test("a target that refuses is a reset", async () => {
  await using broken = await startFaultProxy({ host: "127.0.0.1", port: 1 });
  const client = net.connect({ host: broken.host, port: broken.port });
  expect(codeOf((await once(client, "error"))[0])).toBe("ECONNRESET");
});
