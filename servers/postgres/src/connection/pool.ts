import { ToolError } from "@mooring/core";
import { abortable } from "../abortable.ts";
import type { Connected } from "./connect.ts";

export interface PoolOptions {
  readonly connect: (signal: AbortSignal) => Promise<Connected>;
  readonly max: number;
  /** Ends what a connection runs, when the pool is closed under it. Never rejects. */
  readonly cancel: (connected: Connected) => Promise<void>;
  /** Milliseconds after which an idle connection is closed. */
  readonly idleMs: number;
}

/** A connection that one caller holds. */
export interface Lease extends Connected {
  /** It has served somebody before: it may have died meanwhile. */
  readonly reused: boolean;
  /** Bytes that the server has sent in this lease. */
  readonly wire: { bytes: number; onBytes: ((bytes: number) => void) | undefined };
  /** Gives it back; `drop` closes it instead. */
  release(drop: boolean): void;
}

export interface LeaseOptions {
  /** Does not wait for its turn: the caller holds a connection already, which somebody before it may be waiting for. */
  readonly beyond?: boolean;
}

export interface Pool {
  /** Waits for its turn. Throws what connecting throws, or the signal's reason. */
  lease(signal: AbortSignal, options?: LeaseOptions): Promise<Lease>;
  /** Opens the first connection, so that it is on its way while its caller does something else. Whoever leases next has it. */
  warm(signal: AbortSignal): void;
  /** Closes the connections that nobody holds: after a restart of the server all of them are dead. */
  dropIdle(): void;
  close(): Promise<void>;
}

interface Held {
  readonly connected: Connected;
  readonly wire: Lease["wire"];
  dead: boolean;
  served: boolean;
  idleTimer: NodeJS.Timeout | undefined;
}

/** Connections of one database, made when they are needed. */
export function createPool({ connect, cancel, max, idleMs }: PoolOptions): Pool {
  const all = new Set<Held>();
  const idle: Held[] = [];
  const waiting: (() => void)[] = [];
  let opening = 0;
  let closed = false;
  let warming: { readonly opened: Promise<Held>; readonly signal: AbortSignal } | undefined;

  function take(): Held | undefined {
    for (;;) {
      const held = idle.pop();
      if (!held) return undefined;
      clearTimeout(held.idleTimer);
      if (!held.dead && held.connected.client.connection.stream.writable) return held;
      drop(held);
    }
  }

  async function open(signal: AbortSignal): Promise<Held> {
    opening += 1;
    try {
      const connected = await connect(signal);
      const wire: Held["wire"] = { bytes: 0, onBytes: undefined };
      const held: Held = { connected, wire, dead: false, served: false, idleTimer: undefined };
      all.add(held);
      connected.client.once("end", () => (held.dead = true));
      connected.client.connection.stream.on("data", (chunk: Uint8Array) => {
        wire.bytes += chunk.length;
        wire.onBytes?.(wire.bytes);
      });
      return held;
    } finally {
      opening -= 1;
    }
  }

  function park(held: Held): void {
    idle.push(held);
    held.idleTimer = setTimeout(() => {
      const at = idle.indexOf(held);
      if (at >= 0) idle.splice(at, 1);
      drop(held);
    }, idleMs).unref();
  }

  /** The connection that is being opened ahead; `undefined` where its opener gave up and nobody else did. */
  async function claim({ opened, signal: opener }: NonNullable<typeof warming>, signal: AbortSignal) {
    try {
      return await abortable(opened, signal);
    } catch (error) {
      if (signal.aborted) opened.then(park, () => {});
      else if (opener.aborted) return undefined;
      throw error;
    }
  }

  function drop(held: Held): void {
    clearTimeout(held.idleTimer);
    all.delete(held);
    held.connected.client.end().catch(() => {});
    // A server that does not answer must not keep the process.
    setTimeout(() => held.connected.client.connection.stream.destroy(), 1_000).unref();
  }

  function leaseOf(held: Held): Lease {
    let released = false;
    const { connected, wire } = held;
    wire.bytes = 0;
    const reused = held.served;
    held.served = true;
    return {
      ...connected,
      reused,
      wire,
      release(broken) {
        if (released) return;
        released = true;
        wire.onBytes = undefined;
        if (broken || held.dead || closed) drop(held);
        else park(held);
        waiting.shift()?.();
      },
    };
  }

  return {
    async lease(signal, { beyond = false } = {}) {
      for (;;) {
        signal.throwIfAborted();
        if (closed) throw new ToolError("unavailable", "The server is stopping.");
        const ahead = warming;
        warming = undefined;
        const held = ahead ? await claim(ahead, signal) : take();
        if (held) return leaseOf(held);
        if (ahead) continue;
        if (beyond || all.size + opening < max)
          try {
            return leaseOf(await open(signal));
          } catch (error) {
            // The place is free again.
            waiting.shift()?.();
            throw error;
          }
        await turn(waiting, signal);
      }
    },
    warm(signal) {
      if (closed || warming || all.size + opening > 0) return;
      const ahead = { opened: open(signal), signal };
      warming = ahead;
      // Whoever leases it hears how it went; where nobody does, it is one that rests.
      ahead.opened.then(
        (held) => {
          if (warming !== ahead) return;
          warming = undefined;
          park(held);
          waiting.shift()?.();
        },
        () => {
          if (warming === ahead) warming = undefined;
          waiting.shift()?.();
        },
      );
    },
    dropIdle() {
      for (const held of idle.splice(0)) drop(held);
    },
    async close() {
      closed = true;
      for (const next of waiting.splice(0)) next();
      const resting = new Set(idle.splice(0));
      await Promise.all(
        [...all].map(async (held) => {
          // What nobody will read any more must not run on in the server.
          if (!resting.has(held) && !held.dead) await cancel(held.connected);
          const ended = held.dead || new Promise((done) => held.connected.client.once("end", done));
          drop(held);
          await ended;
        }),
      );
    },
  };
}

async function turn(waiting: (() => void)[], signal: AbortSignal): Promise<void> {
  await new Promise<void>((resolve) => {
    const done = () => {
      signal.removeEventListener("abort", leave);
      resolve();
    };
    const leave = () => {
      const at = waiting.indexOf(done);
      if (at >= 0) waiting.splice(at, 1);
      resolve();
    };
    waiting.push(done);
    signal.addEventListener("abort", leave, { once: true });
  });
}
