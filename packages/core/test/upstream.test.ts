import { createServer, type RequestListener } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, onTestFinished, test } from "vitest";
import { ToolError } from "../src/errors.ts";
import { upstream } from "../src/upstream.ts";

async function service(listener: RequestListener): Promise<{ url: string; hits: () => number; closed: () => number }> {
  let hits = 0;
  let closed = 0;
  const server = createServer((request, response) => {
    hits += 1;
    response.on("close", () => {
      if (!response.writableEnded) closed += 1;
    });
    listener(request, response);
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, hits: () => hits, closed: () => closed };
}

function status(code: number, headers: Record<string, string> = {}): Error {
  return Object.assign(new Error("service error"), { status: code, headers });
}

async function get(url: string, signal: AbortSignal): Promise<string> {
  const response = await fetch(url, { signal });
  if (!response.ok) throw status(response.status);
  return await response.text();
}

const failure = (promise: Promise<unknown>): Promise<ToolError> =>
  promise.then(
    () => Promise.reject(new Error("should have failed")),
    (error: unknown) => error as ToolError,
  );

describe("a dead upstream", () => {
  test("10 calls are 5 hits; open answers within 5 ms; one probe closes it again", async () => {
    let alive = false;
    const { url, hits } = await service((_, response) => response.writeHead(alive ? 200 : 503).end("ok"));
    const api = upstream("Example", { breaker: { failures: 5, openMs: 300 } });
    const call = () => api.run((signal) => get(url, signal), { idempotent: true });
    expect(api.state()).toBe("closed");
    for (let i = 0; i < 10; i += 1) await failure(call());
    expect(hits()).toBe(5);
    expect(api.state()).toBe("open");

    const at = performance.now();
    const error = await failure(call());
    expect(performance.now() - at).toBeLessThan(5);
    expect(error).toMatchObject({ kind: "unavailable", retryable: true });
    expect(error.retryAfterMs).toBeGreaterThan(0);
    expect(error.retryAfterMs).toBeLessThanOrEqual(300);

    alive = true;
    await sleep(310);
    expect(api.state()).toBe("half-open");
    const recovered = performance.now();
    expect(await call()).toBe("ok");
    expect(performance.now() - recovered).toBeLessThan(1000);
    expect(api.state()).toBe("closed");
  });

  test("a failed probe opens it again, and so does one that was cancelled", async () => {
    const api = upstream("Example", { retries: 0, breaker: { failures: 1, openMs: 30 } });
    const dead = () => api.run(() => Promise.reject(status(503)), { idempotent: true });
    await failure(dead());
    await sleep(40);
    await failure(dead());
    expect(api.state()).toBe("open");
    await sleep(40);
    const controller = new AbortController();
    const probe = failure(
      api.run((signal) => sleep(5_000, "late", { signal }), { idempotent: true, signal: controller.signal }),
    );
    await sleep(5);
    controller.abort();
    expect((await probe).kind).toBe("cancelled");
    await sleep(1);
    expect(api.state()).toBe("open");
  });

  test("refusals of the service are no outage", async () => {
    const api = upstream("Example", { breaker: { failures: 2 } });
    const refused = status(404);
    for (let i = 0; i < 6; i += 1)
      expect(await failure(api.run(() => Promise.reject(refused), { idempotent: true }))).toBe(refused);
    expect(api.state()).toBe("closed");
  });
});

describe("retries", () => {
  test("an idempotent call gets two more tries, with a wait between", async () => {
    let tries = 0;
    const api = upstream("Example");
    const result = await api.run(() => (++tries < 3 ? Promise.reject(status(502)) : Promise.resolve("third")), {
      idempotent: true,
    });
    expect([result, tries]).toEqual(["third", 3]);
  });

  test("what will fail again is not tried again", async () => {
    let tries = 0;
    const api = upstream("Example");
    await failure(
      api.run(
        () => {
          tries += 1;
          return Promise.reject(new ToolError("unavailable", "The certificate is unknown.", { retryable: false }));
        },
        { idempotent: true },
      ),
    );
    expect(tries).toBe(1);
  });

  test("a short Retry-After is sat through, a long one is told at once", async () => {
    let tries = 0;
    const limited = (retryAfterMs: number) => new ToolError("rate_limited", "Too many requests.", { retryAfterMs });
    const api = upstream("Example");
    const at = performance.now();
    const ok = await api.run(() => (++tries < 2 ? Promise.reject(limited(150)) : Promise.resolve("ok")), {
      idempotent: true,
    });
    expect(ok).toBe("ok");
    expect(performance.now() - at).toBeGreaterThanOrEqual(145);

    tries = 0;
    const long = performance.now();
    const error = await failure(
      api.run(
        () => {
          tries += 1;
          return Promise.reject(limited(3_600_000));
        },
        { idempotent: true },
      ),
    );
    expect(performance.now() - long).toBeLessThan(1_000);
    expect(error).toMatchObject({ kind: "rate_limited", retryAfterMs: 3_600_000 });
    expect(tries).toBe(1);
  });

  test("no wait goes beyond the deadline", async () => {
    const api = upstream("Example");
    const at = performance.now();
    const error = await failure(
      api.run(() => Promise.reject(new ToolError("rate_limited", "Too many requests.", { retryAfterMs: 2_000 })), {
        idempotent: true,
        deadline: Date.now() + 500,
      }),
    );
    expect(error.kind).toBe("rate_limited");
    expect(performance.now() - at).toBeLessThan(300);
  });
});

describe("time", () => {
  test("a hanging service is answered for at the deadline, and its socket is closed", async () => {
    const { url, closed } = await service(() => {});
    const api = upstream("Example");
    const at = performance.now();
    const error = await failure(
      api.run((signal) => get(url, signal), { idempotent: true, deadline: Date.now() + 400 }),
    );
    expect(error.kind).toBe("timeout");
    expect(performance.now() - at).toBeGreaterThan(390);
    expect(performance.now() - at).toBeLessThan(500);
    await sleep(50);
    expect(closed()).toBe(1);
  });

  test("each try has its own limit", async () => {
    const { url, hits } = await service(() => {});
    const api = upstream("Example", { tryTimeoutMs: 60, retries: 1 });
    const error = await failure(api.run((signal) => get(url, signal), { idempotent: true }));
    expect(error).toMatchObject({ kind: "timeout", message: "Example did not answer within 60 ms." });
    expect(hits()).toBe(2);
  });

  test("a caller's cancel reaches the work and ends a wait between tries", async () => {
    const api = upstream("Example");
    const controller = new AbortController();
    let seen: AbortSignal | undefined;
    const running = failure(
      api.run((signal) => ((seen = signal), sleep(5_000, undefined, { signal })), {
        idempotent: true,
        signal: controller.signal,
      }),
    );
    await sleep(20);
    controller.abort(new ToolError("cancelled", "The person stopped it."));
    expect((await running).message).toBe("The person stopped it.");
    expect(seen?.aborted).toBe(true);

    const second = new AbortController();
    let tries = 0;
    const waiting = failure(
      api.run(
        () => {
          tries += 1;
          return Promise.reject(new ToolError("rate_limited", "Slow down.", { retryAfterMs: 5_000 }));
        },
        { idempotent: true, signal: second.signal },
      ),
    );
    await sleep(20);
    const at = performance.now();
    second.abort();
    expect((await waiting).kind).toBe("cancelled");
    expect(performance.now() - at).toBeLessThan(50);
    await sleep(20);
    expect(tries).toBe(1);
  });

  test("an answer whose body is still being read is not cut off", async () => {
    let seen: AbortSignal | undefined;
    const api = upstream("Example");
    await api.run((signal) => Promise.resolve((seen = signal)), { idempotent: true, deadline: Date.now() + 5_000 });
    await sleep(1);
    expect(seen?.aborted).toBe(false);
  });

  test("nothing runs for a call that was cancelled before", async () => {
    let ran = false;
    const api = upstream("Example");
    const error = await failure(
      api.run(() => Promise.resolve((ran = true)), { idempotent: true, signal: AbortSignal.abort() }),
    );
    expect([error.kind, ran]).toEqual(["cancelled", false]);
  });
});

describe("writes", () => {
  test("a timeout is outcome_unknown after exactly one attempt", async () => {
    const { url, hits } = await service(() => {});
    const api = upstream("Example", { tryTimeoutMs: 60 });
    const error = await failure(api.run((signal) => get(url, signal), { idempotent: false }));
    expect(error).toMatchObject({
      kind: "outcome_unknown",
      retryable: false,
      hint: "Check the state before repeating the call.",
    });
    await sleep(100);
    expect(hits()).toBe(1);
  });

  test("so is the deadline, a lost connection and a gateway that gave up", async () => {
    const hanging = await service(() => {});
    const api = upstream("Example");
    const late = failure(
      api.run((signal) => get(hanging.url, signal), { idempotent: false, deadline: Date.now() + 60 }),
    );
    expect((await late).kind).toBe("outcome_unknown");

    const lost = await service((request) => request.socket.destroy());
    expect((await failure(api.run((signal) => get(lost.url, signal), { idempotent: false }))).kind).toBe(
      "outcome_unknown",
    );
    expect(lost.hits()).toBe(1);

    expect((await failure(api.run(() => Promise.reject(status(504)), { idempotent: false }))).kind).toBe(
      "outcome_unknown",
    );
  });

  test("what surely was not done is said as it is", async () => {
    const api = upstream("Example");
    const closed = createServer().listen(0, "127.0.0.1");
    await once(closed, "listening");
    const url = `http://127.0.0.1:${(closed.address() as AddressInfo).port}/`;
    closed.close();
    await once(closed, "close");
    const refused = await failure(api.run((signal) => get(url, signal), { idempotent: false }));
    expect(refused).toMatchObject({ kind: "unavailable", message: "Example refused the connection." });
    const conflict = status(409);
    expect(await failure(api.run(() => Promise.reject(conflict), { idempotent: false }))).toBe(conflict);
    let tries = 0;
    const limited = () => {
      tries += 1;
      return Promise.reject(new ToolError("rate_limited", "Too many requests.", { retryAfterMs: 10 }));
    };
    expect((await failure(api.run(limited, { idempotent: false }))).kind).toBe("rate_limited");
    expect(tries).toBe(1);
  });
});

test("the bulkhead lets so many run, so many wait, and refuses the rest at once", async () => {
  const api = upstream("Example", { concurrency: 2, queue: 3 });
  let running = 0;
  let most = 0;
  const call = () =>
    api.run(
      async () => {
        most = Math.max(most, ++running);
        await sleep(30);
        running -= 1;
      },
      { idempotent: true },
    );
  const results = await Promise.allSettled(Array.from({ length: 8 }, call));
  expect(results.filter((result) => result.status === "fulfilled")).toHaveLength(5);
  const refusals = results.flatMap((result) => (result.status === "rejected" ? [result.reason as ToolError] : []));
  expect(refusals.map(({ kind, retryAfterMs }) => [kind, retryAfterMs])).toEqual(
    Array(3).fill(["rate_limited", 1_000]),
  );
  expect(most).toBe(2);
});

test("the service's own mapper has the first word, and one that throws is ignored", async () => {
  const mapped = new ToolError("denied", "The token lacks a scope.");
  const api = upstream("Example", { mapError: () => mapped });
  expect(await failure(api.run(() => Promise.reject(status(403)), { idempotent: true }))).toBe(mapped);
  const broken = upstream("Example", {
    retries: 0,
    mapError: () => {
      throw new Error("mapper");
    },
  });
  const original = status(500);
  expect(await failure(broken.run(() => Promise.reject(original), { idempotent: true }))).toBe(original);
});

describe("a service's own budget", () => {
  test("the gate is passed before each try, outside its time, and is told what the request is", async () => {
    const passed: (string | undefined)[] = [];
    const api = upstream("Example", {
      tryTimeoutMs: 50,
      async gate(about) {
        passed.push(about);
        await sleep(100);
      },
    });
    let tries = 0;
    const work = async () => {
      tries += 1;
      if (tries === 1) throw status(503);
      return "ok";
    };
    const waits: number[] = [];
    const call = { idempotent: true, about: "search", onWait: (ms: number) => waits.push(ms) };
    expect(await api.run(work, call)).toBe("ok");
    expect(passed).toEqual(["search", "search"]);
    expect(waits).toHaveLength(1);
  });

  test("a gate that refuses sends nothing, and a write it refused is no unknown outcome", async () => {
    const work = () => Promise.reject(new Error("sent"));
    const api = upstream("Example", {
      gate: () => {
        throw new ToolError("rate_limited", "The search budget is used up.", { retryAfterMs: 60_000 });
      },
    });
    const error = await failure(api.run(work, { idempotent: false }));
    expect(error).toMatchObject({ kind: "rate_limited", message: "The search budget is used up." });
    expect(api.state()).toBe("closed");
  });
});
