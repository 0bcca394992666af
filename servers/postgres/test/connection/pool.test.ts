import { EventEmitter } from "node:events";
import { PassThrough } from "node:stream";
import { setTimeout as pause } from "node:timers/promises";
import { expect, test } from "vitest";
import type { Connected } from "../../src/connection/connect.ts";
import { createPool } from "../../src/connection/pool.ts";

/** Connections that need no server: each has a number, and ends when it is told to. */
function fakeConnections({ delay = 5, fail = () => false }: { delay?: number; fail?: (n: number) => boolean } = {}) {
  const made: (EventEmitter & { n: number; ended: boolean; connection: { stream: PassThrough } })[] = [];
  const cancelled: number[] = [];
  let asked = 0;
  return {
    made,
    cancelled,
    cancel: async (connected: Connected) => void cancelled.push(numberOf(connected)),
    asked: () => asked,
    async connect(signal: AbortSignal): Promise<Connected> {
      const n = ++asked;
      await pause(delay, undefined, { signal });
      if (fail(n)) throw new Error(`refused ${n}`);
      const client = Object.assign(new EventEmitter(), {
        n,
        ended: false,
        connection: { stream: new PassThrough() },
        async end() {
          client.ended = true;
          client.connection.stream.destroy();
          client.emit("end");
        },
      });
      made.push(client);
      return { client, pooler: false } as unknown as Connected;
    },
  };
}

const numberOf = ({ client }: Connected) => (client as unknown as { n: number }).n;
const never = new AbortController().signal;

test("at most so many at once; the others wait for their turn, in order", async () => {
  const fake = fakeConnections();
  const pool = createPool({ connect: fake.connect, cancel: fake.cancel, max: 2, idleMs: 1_000 });
  let held = 0;
  let most = 0;
  const order: number[] = [];
  await Promise.all(
    Array.from({ length: 10 }, async (_, i) => {
      const lease = await pool.lease(never);
      most = Math.max(most, ++held);
      await pause(2);
      held -= 1;
      order.push(i);
      lease.release(false);
    }),
  );
  expect([most, fake.made.length, order]).toEqual([2, 2, Array.from({ length: 10 }, (_, i) => i)]);
  await pool.close();
  expect(fake.made.every(({ ended }) => ended)).toBe(true);
});

test("whoever gives up while waiting takes nobody's turn", async () => {
  const fake = fakeConnections();
  const pool = createPool({ connect: fake.connect, cancel: fake.cancel, max: 1, idleMs: 1_000 });
  const first = await pool.lease(never);
  const given = new AbortController();
  const second = pool.lease(given.signal);
  const third = pool.lease(never);
  given.abort(new Error("given up"));
  await expect(second).rejects.toThrow("given up");
  first.release(false);
  (await third).release(false);
  expect(fake.made).toHaveLength(1);
});

test("a connection that cannot be made leaves its place to the next", async () => {
  const fake = fakeConnections({ fail: (n) => n === 1 });
  const pool = createPool({ connect: fake.connect, cancel: fake.cancel, max: 1, idleMs: 1_000 });
  const [first, second] = await Promise.allSettled([pool.lease(never), pool.lease(never)]);
  expect([first.status, second.status]).toEqual(["rejected", "fulfilled"]);
});

test("what died, broke or rested too long is not given out again", async () => {
  const fake = fakeConnections();
  const pool = createPool({ connect: fake.connect, cancel: fake.cancel, max: 3, idleMs: 30 });
  const broken = await pool.lease(never);
  broken.release(true);
  const died = await pool.lease(never);
  died.release(false);
  fake.made[1]?.connection.stream.destroy();
  await pause(1);
  const rested = await pool.lease(never);
  expect(numberOf(rested)).toBe(3);
  rested.release(false);
  await pause(60);
  expect(numberOf(await pool.lease(never))).toBe(4);
  expect(fake.made.slice(0, 3).every(({ ended }) => ended)).toBe(true);
});

test("who holds one already need not wait for another", async () => {
  const fake = fakeConnections();
  const pool = createPool({ connect: fake.connect, cancel: fake.cancel, max: 1, idleMs: 1_000 });
  const first = await pool.lease(never);
  const second = await pool.lease(never, { beyond: true });
  expect([numberOf(first), numberOf(second)]).toEqual([1, 2]);
});

test("one that is opened ahead goes to the first who asks, and rests where nobody does", async () => {
  const fake = fakeConnections();
  const pool = createPool({ connect: fake.connect, cancel: fake.cancel, max: 2, idleMs: 1_000 });
  pool.warm(never);
  pool.warm(never);
  const [first, second] = await Promise.all([pool.lease(never), pool.lease(never)]);
  expect([numberOf(first), numberOf(second)].toSorted((a, b) => a - b)).toEqual([1, 2]);
  const idle = fakeConnections();
  const other = createPool({ connect: idle.connect, cancel: idle.cancel, max: 1, idleMs: 1_000 });
  other.warm(never);
  await pause(20);
  expect(numberOf(await other.lease(never))).toBe(1);
});

test("who opened ahead and gave up does not fail the one who claims", async () => {
  const fake = fakeConnections({ delay: 20 });
  const pool = createPool({ connect: fake.connect, cancel: fake.cancel, max: 1, idleMs: 1_000 });
  const given = new AbortController();
  pool.warm(given.signal);
  const lease = pool.lease(never);
  given.abort(new Error("given up"));
  expect(numberOf(await lease)).toBe(2);
});

test("who claims and gives up leaves the connection to the next", async () => {
  const fake = fakeConnections({ delay: 20 });
  const pool = createPool({ connect: fake.connect, cancel: fake.cancel, max: 1, idleMs: 1_000 });
  pool.warm(never);
  const given = new AbortController();
  const lease = pool.lease(given.signal);
  given.abort(new Error("given up"));
  await expect(lease).rejects.toThrow("given up");
  await pause(40);
  expect(numberOf(await pool.lease(never))).toBe(1);
});

test("one that cannot be opened ahead is told to whoever claims it", async () => {
  const fake = fakeConnections({ fail: (n) => n === 1 });
  const pool = createPool({ connect: fake.connect, cancel: fake.cancel, max: 1, idleMs: 1_000 });
  pool.warm(never);
  await expect(pool.lease(never)).rejects.toThrow("refused 1");
  expect(numberOf(await pool.lease(never))).toBe(2);
});

test("closing ends what runs, and leaves alone what rests", async () => {
  const fake = fakeConnections();
  const pool = createPool({ connect: fake.connect, cancel: fake.cancel, max: 2, idleMs: 1_000 });
  const [running, resting] = [await pool.lease(never), await pool.lease(never)];
  resting.release(false);
  await pool.close();
  expect(fake.cancelled).toEqual([numberOf(running)]);
  expect(fake.made.every(({ ended }) => ended)).toBe(true);
});
