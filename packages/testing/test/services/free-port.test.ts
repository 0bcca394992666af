import net from "node:net";
import { once } from "node:events";
import { expect, test } from "vitest";
import { freePort, onFreePort } from "../../src/services/free-port.ts";

test("a free port can be listened on", async () => {
  const port = await freePort();
  const server = net.createServer().listen(port, "127.0.0.1");
  await once(server, "listening");
  expect(port).toBeGreaterThan(0);
  server.close();
});

test("a port that somebody else was quicker to take is another attempt, any other failure is not", async () => {
  const ports: number[] = [];
  const started = onFreePort((port) => {
    ports.push(port);
    return ports.length < 3 ? Promise.reject(new Error("listen EADDRINUSE")) : Promise.resolve(port);
  });
  expect(await started).toBe(ports[2]);
  expect(ports).toHaveLength(3);
  await expect(onFreePort(() => Promise.reject(new Error("bind: address already in use")))).rejects.toThrow("already");
  let attempts = 0;
  const broken = onFreePort(() => {
    attempts++;
    return Promise.reject(new Error("no such image"));
  });
  await expect(broken).rejects.toThrow("no such image");
  expect(attempts).toBe(1);
});
