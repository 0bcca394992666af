import type { ErrorKind } from "./errors.ts";
import type { Redactor } from "./redact.ts";

/** What is known when a call begins. */
export interface CallStart {
  readonly method: string;
  /** Name of a tool or prompt that this server has: part of the span's name and of metrics, so never the caller's text. */
  readonly target?: string;
  readonly resourceUri?: string;
  readonly ref: string;
  readonly requestId?: string | number;
  readonly protocolVersion?: string;
  /** Left out of spans of 2026-07-28 and later, which have no sessions. */
  readonly sessionId?: string;
  readonly transport: "pipe" | "tcp";
  /** The request's `params._meta`: its bare `traceparent`, `tracestate` and `baggage` make the parent (SEP-414). */
  readonly meta?: Readonly<Record<string, unknown>>;
  readonly clientAddress?: string;
  readonly clientPort?: number;
  /** Version of HTTP, "1.1"; for `tcp` only. */
  readonly httpVersion?: string;
  /** The parent where `meta` has none. */
  readonly httpHeaders?: { readonly traceparent?: string | undefined; readonly tracestate?: string | undefined };
}

/** What is known when it ends; without `errorKind` and `rpcCode` it succeeded. */
export interface CallEnd {
  readonly durationMs: number;
  /** The call answered with `isError`, or with a JSON-RPC error if `rpcCode` is there too. */
  readonly errorKind?: ErrorKind;
  readonly rpcCode?: number;
  readonly message?: string;
  readonly masked?: number;
  readonly bytes?: number;
}

export interface CallSpan {
  /** Undefined when the span has no valid context. */
  readonly traceId?: string | undefined;
  /** Runs `fn` with the span as the current one: spans made inside become its children. */
  run<T>(fn: () => T): T;
  /** Ends the span and records the duration; later calls do nothing. */
  end(end: CallEnd): void;
}

export type CounterName = "policy.denied" | "ratelimit.rejected" | "cache.requests" | "redactions" | "audit.records";

export interface Telemetry {
  start(call: CallStart): CallSpan;
  /** Adds one (or `by`); attributes have few values: `{ result: "hit" }`. */
  count(name: CounterName, attributes?: Readonly<Record<string, string | number | boolean>>, by?: number): void;
  inflight(delta: 1 | -1): void;
  /** A legacy session ended. */
  session(durationMs: number, about?: { readonly protocolVersion?: string }): void;
  /** Sends what is waiting, for at most two seconds. Never rejects. */
  close(): Promise<void>;
}

export interface TelemetryOptions {
  readonly version: string;
  /** Service name of an SDK that is started here: `mooring-<server>`, unless OTEL_SERVICE_NAME says another. */
  readonly server?: string;
  /** Masks what comes from outside: status texts, resource URIs. */
  readonly redactor?: Pick<Redactor, "record">;
  /** Default: the process's environment. */
  readonly env?: NodeJS.ProcessEnv;
  /** Hears the one line about telemetry that was asked for and cannot be had. Default: stderr. */
  readonly warn?: (line: string) => void;
}

/**
 * Spans and metrics by the semantic conventions for MCP, or undefined when nobody listens: then nothing is imported and
 * nothing is paid. Somebody listens when an OpenTelemetry SDK is registered (`node --import ./otel.mjs`), or when
 * OTEL_EXPORTER_OTLP_ENDPOINT is set: then the optional `@opentelemetry/sdk-node` is started. Never rejects.
 */
export async function loadTelemetry(options: TelemetryOptions): Promise<Telemetry | undefined> {
  const { env = process.env, warn = warnOnStderr } = options;
  if (env["OTEL_SDK_DISABLED"]?.toLowerCase() === "true") return undefined;
  if (!registered() && !env["OTEL_EXPORTER_OTLP_ENDPOINT"]) return undefined;
  try {
    let stop: (() => Promise<void>) | undefined;
    if (!registered()) {
      const { startSdk } = await import("./telemetry-sdk.ts");
      stop = await startSdk({ server: options.server, env, warn });
      if (!stop) return undefined;
    }
    const [api, { createTelemetry }] = await Promise.all([
      import("@opentelemetry/api"),
      import("./telemetry-record.ts"),
    ]);
    // An API older than ours ignores it without a word.
    if (!reaches(api)) {
      warn(
        `Telemetry is off: the registered OpenTelemetry API is ${registered()?.version ?? "of an unknown version"}, older than this server's. Update the SDK.`,
      );
      return undefined;
    }
    return createTelemetry(api, options, stop);
  } catch (error) {
    warn(`Telemetry is off: ${error instanceof Error ? error.message : String(error)}`);
    return undefined;
  }
}

interface GlobalApi {
  readonly version?: string;
  readonly trace?: unknown;
  readonly metrics?: unknown;
}

/** What SDKs and every copy of the API meet at; absent until an SDK registers. */
function registered(): GlobalApi | undefined {
  const api = (globalThis as Record<symbol, unknown>)[Symbol.for("opentelemetry.js.api.1")] as GlobalApi | undefined;
  return api?.trace || api?.metrics ? api : undefined;
}

function reaches({ trace, metrics }: typeof import("@opentelemetry/api")): boolean {
  const api = registered();
  return api?.trace ? trace.getTracerProvider() === api.trace : metrics.getMeterProvider() === api?.metrics;
}

function warnOnStderr(line: string): void {
  process.stderr.write(`${line}\n`);
}
