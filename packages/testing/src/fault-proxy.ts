import { once } from "node:events";
import net, { type AddressInfo, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

/** What a {@link FaultProxy} does to connections, open ones included; 0 and `false` mean nothing. */
export interface Faults {
  /** Milliseconds added to each chunk, each way. */
  readonly latencyMs: number;
  /** Up to so many milliseconds more, at random. */
  readonly jitterMs: number;
  /** Bandwidth, each way. */
  readonly bytesPerSec: number;
  /** Half-open: nothing passes, nothing is closed. */
  readonly blackhole: boolean;
  /** New connections are accepted and never answered. */
  readonly acceptButSilent: boolean;
  /** A connection is reset once both ways together have carried this much. */
  readonly resetAfterBytes: number;
}

const healthy: Faults = {
  latencyMs: 0,
  jitterMs: 0,
  bytesPerSec: 0,
  blackhole: false,
  acceptButSilent: false,
  resetAfterBytes: 0,
};

/** Connect to `host:port` instead of to the target. */
export interface FaultProxy extends AsyncDisposable {
  readonly host: string;
  /** The same after `down` and `up`. */
  readonly port: number;
  /** How many connections are open. */
  readonly open: number;
  /** Changes some faults; the others stay. */
  set(faults: Partial<Faults>): void;
  /** No faults any more; what was held up goes on. */
  clear(): void;
  /** Resets every connection (RST on both sides). */
  resetAll(): void;
  /** Ends every connection politely (FIN on both sides). */
  closeAll(): void;
  /** Nobody listens, as after a crash: connections are reset, new ones refused. */
  down(): Promise<void>;
  /** Listens again, on the same port. */
  up(): Promise<void>;
  stop(): Promise<void>;
}

interface Connection {
  readonly client: Socket;
  readonly upstream: Socket | undefined;
  carried: number;
}

/**
 * A TCP proxy that breaks things on purpose, within the test's process: it needs no image and no root, and acts the same on
 * containers and processes. Throws what listening throws.
 */
export async function startFaultProxy(target: { readonly host: string; readonly port: number }): Promise<FaultProxy> {
  let faults = healthy;
  let stopped = false;
  const connections = new Set<Connection>();

  function reset(connection: Connection): void {
    connections.delete(connection);
    connection.client.resetAndDestroy();
    connection.upstream?.resetAndDestroy();
  }

  async function delay(bytes: number): Promise<void> {
    const { latencyMs, jitterMs, bytesPerSec } = faults;
    const ms = latencyMs + Math.random() * jitterMs + (bytesPerSec ? (bytes / bytesPerSec) * 1_000 : 0);
    if (ms > 0) await sleep(ms);
    while (faults.blackhole && !stopped) await sleep(10);
  }

  function pump(from: Socket, to: Socket, connection: Connection): void {
    // One step after the other, so that delayed chunks keep their order and the end comes last.
    let steps = Promise.resolve();
    from.on("data", (chunk: Buffer) => {
      connection.carried += chunk.length;
      if (faults.resetAfterBytes && connection.carried >= faults.resetAfterBytes) return reset(connection);
      from.pause();
      steps = steps.then(async () => {
        await delay(chunk.length);
        if (to.writable && !to.write(chunk)) await Promise.race([once(to, "drain"), once(to, "close")]);
        if (!from.destroyed) from.resume();
      });
    });
    from.on("end", () => void (steps = steps.then(() => delay(0)).then(() => void to.end())));
    // The error itself goes on as the other side's close.
    from.on("error", () => {});
    from.on("close", () => {
      connections.delete(connection);
      void steps.then(() => delay(0)).then(() => to.destroy());
    });
  }

  function accept(client: Socket): void {
    client.setNoDelay(true);
    const upstream = faults.acceptButSilent
      ? undefined
      : net.connect({ ...target, noDelay: true, allowHalfOpen: true });
    const connection = { client, upstream, carried: 0 };
    connections.add(connection);
    if (!upstream) {
      client.on("error", () => {});
      client.on("close", () => connections.delete(connection));
      client.on("end", () => client.destroy());
      client.resume(); // or its end would never be seen
      return;
    }
    // A target that refuses is a reset here: a proxy cannot take its own accept back.
    upstream.on("error", () => client.resetAndDestroy());
    pump(client, upstream, connection);
    pump(upstream, client, connection);
  }

  let server = net.createServer({ allowHalfOpen: true }, accept);
  let port = 0; // chosen at the first `up`
  async function up(): Promise<void> {
    if (server.listening) return;
    server = net.createServer({ allowHalfOpen: true }, accept);
    server.listen(port, "127.0.0.1");
    await once(server, "listening");
    ({ port } = server.address() as AddressInfo);
  }
  const resetAll = () => connections.forEach(reset);
  async function down(): Promise<void> {
    resetAll();
    if (!server.listening) return;
    const closed = once(server, "close");
    server.close();
    await closed;
  }
  async function stop(): Promise<void> {
    stopped = true;
    await down();
  }

  await up();
  return {
    host: "127.0.0.1",
    get port() {
      return port;
    },
    get open() {
      return connections.size;
    },
    set: (changed) => void (faults = { ...faults, ...changed }),
    clear: () => void (faults = healthy),
    resetAll,
    closeAll() {
      for (const { client, upstream } of connections) {
        client.end();
        upstream?.end();
      }
    },
    down,
    up,
    stop,
    [Symbol.asyncDispose]: stop,
  };
}
