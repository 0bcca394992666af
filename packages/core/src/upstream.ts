import { setTimeout as sleep } from "node:timers/promises";
import type { CircuitBreakerPolicy, IDefaultPolicyContext } from "cockatiel";
import { type ErrorKind, type ErrorMapper, kindOfStatus, ToolError } from "./errors.ts";
import { causes, describeNetworkError, networkCode, neverSent } from "./fetch-error.ts";

/** How much a service is asked, how often again, and how its errors are told. */
export interface UpstreamOptions {
  /** Requests at once. Default: 10. */
  readonly concurrency?: number;
  /** Requests that wait for a place; more are refused as `rate_limited`. Default: 100. */
  readonly queue?: number;
  /** Repetitions of a failed idempotent request. Default and maximum: 2. */
  readonly retries?: number;
  /** Milliseconds for one try. Default: 15,000. */
  readonly tryTimeoutMs?: number;
  /** After `failures` in a row (default 5) nothing is sent for `openMs` milliseconds (default 10,000). */
  readonly breaker?: { readonly failures?: number; readonly openMs?: number };
  /**
   * Waits for the service's own budget (a bucket of its rate limit, a distance between writes) before each try, outside the
   * time of the try; `about` is the call's. Throws `rate_limited` with `retryAfterMs` where waiting would take too long.
   */
  readonly gate?: (about: string | undefined, signal: AbortSignal) => Promise<void> | void;
  /** How the service's own errors are told; network errors and `status` codes are understood without it. */
  readonly mapError?: ErrorMapper;
}

export interface UpstreamCall {
  /** Repeating the request changes nothing more (RFC 9110 §9.2.2): only such are retried. */
  readonly idempotent: boolean;
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds since the epoch after which nobody waits for the answer. */
  readonly deadline?: number | undefined;
  /** What the request is to the `gate`: a bucket, the name of a method. */
  readonly about?: string | undefined;
  /** Told before a wait of so many milliseconds between two tries, to pass on as progress. */
  readonly onWait?: ((ms: number) => void) | undefined;
}

/** `closed`: requests go through; `open`: none does; `half-open`: the next one is a trial. */
export type BreakerState = "closed" | "open" | "half-open";

/** One external service, with what keeps its failures from becoming ours. */
export interface Upstream {
  readonly name: string;
  /**
   * Runs one request: place in line → retry (idempotent only) → circuit breaker → timeout per try. `work` passes the
   * signal to its I/O and reads the body before it returns. Throws a {@link ToolError} for what is understood here
   * (network, time, breaker, `mapError`): `outcome_unknown` when a request that is not idempotent was sent and its end is
   * not known (it is never repeated). Other errors of `work` pass as they are.
   */
  run<T>(work: (signal: AbortSignal) => Promise<T>, call: UpstreamCall): Promise<T>;
  /** For readiness; costs nothing. */
  state(): BreakerState;
}

/** The longest wait asked for by a service that a call sits through. */
const LONGEST_WAIT_MS = 10_000;
const FIRST_BACKOFF_MS = 300;
const FAILURES: ReadonlySet<ErrorKind> = new Set(["unavailable", "timeout", "outcome_unknown"]);

/** Resilience of the calls to one service, with cockatiel, loaded on the first call. `name` is how people call it: "GitHub". */
export function upstream(name: string, options: UpstreamOptions = {}): Upstream {
  const retries = Math.min(options.retries ?? 2, 2);
  const tryTimeoutMs = options.tryTimeoutMs ?? 15_000;
  const openMs = options.breaker?.openMs ?? 10_000;
  let breaker: CircuitBreakerPolicy | undefined;
  let openedAt = Number.NEGATIVE_INFINITY;
  let isBroken = false;

  async function prepare() {
    const cockatiel = await import("cockatiel");
    const isFailure = cockatiel.handleWhen((error) => {
      if (!(error instanceof ToolError)) return false;
      // A probe that the caller cancelled proved nothing, and anything but a failure would close the circuit.
      const isProbe = breaker?.state === cockatiel.CircuitState.HalfOpen;
      return FAILURES.has(error.kind) || (isProbe && error.kind === "cancelled");
    });
    const opened = cockatiel.circuitBreaker(isFailure, {
      halfOpenAfter: openMs,
      breaker: new cockatiel.ConsecutiveBreaker(options.breaker?.failures ?? 5),
    });
    opened.onBreak(() => {
      openedAt = Date.now();
      isBroken = true;
    });
    opened.onReset(() => (isBroken = false));
    breaker = opened;
    return {
      cockatiel,
      breaker: opened,
      bulkhead: cockatiel.bulkhead(options.concurrency ?? 10, options.queue ?? 100),
      // abortOnReturn would cut a response whose body is still being read.
      timeout: cockatiel.timeout(tryTimeoutMs, {
        strategy: cockatiel.TimeoutStrategy.Aggressive,
        abortOnReturn: false,
      }),
    };
  }
  let loading: ReturnType<typeof prepare> | undefined;

  const openFor = () => (isBroken ? openedAt + openMs - Date.now() : 0);

  function broken(cause?: unknown): ToolError {
    const retryAfterMs = Math.max(1, openFor());
    return new ToolError(
      "unavailable",
      `${name} failed several times in a row and is left alone for ${seconds(retryAfterMs)}.`,
      {
        hint: `Try again in ${seconds(retryAfterMs)}.`,
        retryAfterMs,
        cause,
      },
    );
  }

  async function run<T>(work: (signal: AbortSignal) => Promise<T>, call: UpstreamCall): Promise<T> {
    if (openFor() > 0) throw broken();
    const { cockatiel, breaker, bulkhead, timeout } = await (loading ??= prepare());
    const end = endOf(name, call);
    const guesses = new WeakSet<ToolError>();
    let tries = 0;

    async function once(signal: AbortSignal): Promise<T> {
      if (end.reason) throw end.reason;
      try {
        await options.gate?.(call.about, signal);
        return await timeout.execute((context) => {
          tries += 1;
          return work(context.signal);
        }, signal);
      } catch (error) {
        throw end.reason ?? told(error);
      }
    }

    function told(error: unknown): ToolError {
      if (error instanceof cockatiel.TaskCancelledError)
        return new ToolError("timeout", `${name} did not answer within ${seconds(tryTimeoutMs)}.`, {
          hint: "Try again, or ask for less at once.",
          cause: error,
        });
      if (error instanceof ToolError) return error;
      const known = mapped(error, options.mapError) ?? describeNetworkError(error, name);
      if (known) return known;
      // Good enough for the breaker and the retries; what is said of it is for the server to decide.
      const guess = guessOf(error, name);
      guesses.add(guess);
      return guess;
    }

    async function retried(signal: AbortSignal): Promise<T> {
      let wait = 0;
      const again = cockatiel.handleWhen((error) => {
        wait = waitBefore(error, tries);
        return openFor() <= 0 && wait < Math.min(LONGEST_WAIT_MS + 1, end.left());
      });
      const policy = cockatiel.retry(again, { maxAttempts: retries, backoff: new cockatiel.ConstantBackoff(0) });
      return await policy.execute(async ({ attempt }: IDefaultPolicyContext & { attempt: number }) => {
        // The wait stands here and not in the policy, whose own cannot be interrupted.
        if (attempt > 0) {
          call.onWait?.(wait);
          await sleep(wait, undefined, { signal });
        }
        return await breaker.execute(({ signal: inner }) => once(inner), signal);
      }, signal);
    }

    try {
      return await Promise.race([
        end.reached,
        bulkhead.execute(
          ({ signal }) =>
            call.idempotent ? retried(signal) : breaker.execute((context) => once(context.signal), signal),
          end.signal,
        ),
      ]);
    } catch (error) {
      const failure = outcome(final(error), tries > 0 && !call.idempotent, name);
      throw guesses.has(failure) ? failure.cause : failure;
    } finally {
      end.done();
    }

    function final(error: unknown): ToolError {
      if (end.reason) return end.reason;
      if (error instanceof cockatiel.BrokenCircuitError) return broken(error);
      if (error instanceof cockatiel.BulkheadRejectedError)
        return new ToolError("rate_limited", `Too many requests to ${name} are waiting already.`, {
          hint: "Wait for earlier calls to end, then try again.",
          retryAfterMs: 1_000,
          cause: error,
        });
      return error instanceof ToolError ? error : told(error);
    }
  }

  return {
    name,
    run,
    state() {
      if (!breaker || !isBroken) return "closed";
      // Without traffic nobody would try again: readiness must not wait for that.
      return openFor() > 0 ? "open" : "half-open";
    },
  };
}

/** Milliseconds before the next try, infinite when there is none. */
function waitBefore(error: unknown, tries: number): number {
  if (!(error instanceof ToolError) || !error.retryable) return Number.POSITIVE_INFINITY;
  if (error.kind !== "unavailable" && error.kind !== "timeout" && error.kind !== "rate_limited")
    return Number.POSITIVE_INFINITY;
  // Full jitter: many clients that failed together do not come back together.
  return error.retryAfterMs ?? Math.random() * FIRST_BACKOFF_MS * 2 ** (tries - 1);
}

// A mapper that throws must not turn one failure into another.
function mapped(error: unknown, mapError: ErrorMapper | undefined): ToolError | undefined {
  try {
    return mapError?.(error);
  } catch {
    return undefined;
  }
}

/** Clients of HTTP services put the status on their errors. */
function guessOf(error: unknown, name: string): ToolError {
  const status = statusOf(error);
  if (status === undefined) return new ToolError("internal", "The call failed unexpectedly.", { cause: error });
  return new ToolError(kindOfStatus(status), `${name} answered with status ${status}.`, { cause: error });
}

function statusOf(error: unknown): number | undefined {
  for (const one of causes(error)) {
    const { status, statusCode } = one as { status?: unknown; statusCode?: unknown };
    const found = typeof status === "number" ? status : statusCode;
    if (typeof found === "number" && found >= 400 && found < 600) return found;
  }
  return undefined;
}

/** Turns a failure into `outcome_unknown` where the service may have done what was asked. */
function outcome(error: ToolError, sentWrite: boolean, name: string): ToolError {
  if (!sentWrite) return error;
  const status = statusOf(error.cause);
  const lost =
    error.kind === "timeout" ||
    (error.kind === "unavailable" &&
      !neverSent(error) &&
      (networkCode(error) !== undefined || status === 502 || status === 504 || isTorn(error)));
  if (!lost) return error;
  return new ToolError("outcome_unknown", `${name} did not confirm the change: the answer got lost or came too late.`, {
    hint: "Check the state before repeating the call.",
    retryable: false,
    cause: error,
  });
}

function isTorn(error: ToolError): boolean {
  return causes(error).some(
    (one) => one instanceof TypeError && (one.message === "fetch failed" || one.message === "terminated"),
  );
}

/** When nobody waits any longer: the caller's signal or the deadline, whichever is first. */
function endOf(name: string, { signal, deadline = Number.POSITIVE_INFINITY }: UpstreamCall) {
  const controller = new AbortController();
  let reason: ToolError | undefined;
  const { promise: reached, reject } = Promise.withResolvers<never>();
  // Most calls end before; then nobody listens.
  reached.catch(() => undefined);

  function stop(why: ToolError) {
    if (reason) return;
    reason = why;
    controller.abort(why);
    reject(why);
  }
  const late = () =>
    stop(
      new ToolError("timeout", `The call's time ran out while ${name} was working on it.`, {
        hint: "Ask for less at once, or try again.",
      }),
    );
  const onAbort = () => stop(reasonOf(signal?.reason));
  const left = deadline - Date.now();
  // Longer timers overflow and would fire at once.
  const timer = left < 2 ** 31 ? setTimeout(late, Math.max(0, left)) : undefined;
  if (signal?.aborted) onAbort();
  else signal?.addEventListener("abort", onAbort, { once: true });

  return {
    signal: controller.signal,
    reached,
    get reason() {
      return reason;
    },
    left: () => deadline - Date.now(),
    done() {
      clearTimeout(timer);
      signal?.removeEventListener("abort", onAbort);
    },
  };
}

function reasonOf(reason: unknown): ToolError {
  if (reason instanceof ToolError) return reason;
  if (reason instanceof Error && reason.name === "TimeoutError")
    return new ToolError("timeout", "The call's time ran out.", { cause: reason });
  return new ToolError("cancelled", "The call was cancelled.", { cause: reason });
}

function seconds(ms: number): string {
  return ms < 950 ? `${Math.ceil(ms)} ms` : `${Math.ceil(ms / 1000)} s`;
}
