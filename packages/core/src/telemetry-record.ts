import type { Attributes, Context, Span } from "@opentelemetry/api";
import type { CallEnd, CallSpan, CallStart, CounterName, Telemetry, TelemetryOptions } from "./telemetry.ts";
import { attributes, callerFaults, durationBuckets, EXECUTE_TOOL, metrics, TOOL_ERROR } from "./telemetry-names.ts";

type Api = typeof import("@opentelemetry/api");

const FLUSH_MS = 2_000;
/** The first revision without sessions. */
const SESSIONLESS = "2026-07-28";
/** W3C Trace Context and Baggage bound their headers; longer values come from nobody who means well. */
const LONGEST_CARRIER = 8_192;

/** Telemetry over a registered SDK. `stop` ends one that this process started. */
export function createTelemetry(
  api: Api,
  { version, redactor }: TelemetryOptions,
  stop?: () => Promise<void>,
): Telemetry {
  const tracer = api.trace.getTracer("@mooring/core", version);
  const meter = api.metrics.getMeter("@mooring/core", version);
  const advice = { explicitBucketBoundaries: [...durationBuckets] };
  const operations = meter.createHistogram(metrics.operationDuration, {
    unit: "s",
    description: "Duration of an MCP request or notification, as its receiver sees it.",
    advice,
  });
  const sessions = meter.createHistogram(metrics.sessionDuration, {
    unit: "s",
    description: "Duration of an MCP session, as the server sees it.",
    advice,
  });
  const inflight = meter.createUpDownCounter(metrics.inflight, {
    unit: "{call}",
    description: "Calls not yet answered.",
  });
  const counters = {
    "policy.denied": meter.createCounter(metrics.policyDenied, { unit: "{call}" }),
    "ratelimit.rejected": meter.createCounter(metrics.rateLimitRejected, { unit: "{call}" }),
    "cache.requests": meter.createCounter(metrics.cacheRequests, { unit: "{request}" }),
    redactions: meter.createCounter(metrics.redactions, { unit: "{mask}" }),
    "audit.records": meter.createCounter(metrics.auditRecords, { unit: "{record}" }),
  } satisfies Record<CounterName, unknown>;
  const masked = (text: string) => redactor?.record(text) ?? text;

  return {
    start(call) {
      const low = metricAttributes(call);
      const { parent, link } = parentOf(api, call);
      const span = tracer.startSpan(
        call.target === undefined ? call.method : `${call.method} ${call.target}`,
        {
          kind: api.SpanKind.SERVER,
          attributes: { ...low, ...spanAttributes(call, masked) },
          ...(link && { links: [{ context: link }] }),
        },
        parent,
      );
      return callSpan(api, span, parent, (end, context) => {
        const failure = errorAttributes(call, end);
        span.setAttributes({
          ...failure,
          ...(end.masked !== undefined && { [attributes.resultMasked]: end.masked }),
          ...(end.bytes !== undefined && { [attributes.resultBytes]: end.bytes }),
        });
        if (isServerError(end))
          span.setStatus({
            code: api.SpanStatusCode.ERROR,
            ...(end.message !== undefined && { message: masked(end.message) }),
          });
        operations.record(end.durationMs / 1_000, { ...low, ...failure }, context);
      });
    },
    count: (name, about = {}, by = 1) => counters[name].add(by, about),
    inflight: (delta) => inflight.add(delta),
    session: (durationMs, { protocolVersion } = {}) =>
      sessions.record(
        durationMs / 1_000,
        protocolVersion === undefined ? {} : { [attributes.protocolVersion]: protocolVersion },
      ),
    close: () => within(FLUSH_MS, stop ? stop() : flush(api)),
  };
}

function callSpan(api: Api, span: Span, parent: Context, finish: (end: CallEnd, context: Context) => void): CallSpan {
  const context = api.trace.setSpan(parent, span);
  const spanContext = span.spanContext();
  let ended = false;
  return {
    traceId: api.isSpanContextValid(spanContext) ? spanContext.traceId : undefined,
    run: (fn) => api.context.with(context, fn),
    end(end) {
      if (ended) return;
      ended = true;
      finish(end, context);
      span.end();
    },
  };
}

// MCP's context and the transport's are independent: the caller's span is the parent, that of the HTTP request a link.
function parentOf(api: Api, { meta, httpHeaders }: CallStart) {
  const ambient = api.context.active();
  const link = api.trace.getSpanContext(ambient);
  const bare = api.trace.deleteSpan(ambient);
  for (const carrier of [meta, httpHeaders]) {
    const texts = carrier && carrierOf(carrier);
    if (!texts) continue;
    const parent = api.propagation.extract(bare, texts);
    if (api.trace.getSpanContext(parent)) return { parent, link };
  }
  return { parent: ambient, link: undefined };
}

function carrierOf(source: Readonly<Record<string, unknown>>): Record<string, string> | undefined {
  if (typeof source["traceparent"] !== "string") return undefined;
  const carrier: Record<string, string> = {};
  for (const key of ["traceparent", "tracestate", "baggage"]) {
    const value = source[key];
    if (typeof value === "string" && value.length <= LONGEST_CARRIER) carrier[key] = value;
  }
  return carrier;
}

function metricAttributes({ method, target, protocolVersion, transport, httpVersion }: CallStart): Attributes {
  return {
    [attributes.method]: method,
    ...(method === "tools/call" && { [attributes.operation]: EXECUTE_TOOL }),
    ...(target !== undefined && method === "tools/call" && { [attributes.tool]: target }),
    ...(target !== undefined && method === "prompts/get" && { [attributes.prompt]: target }),
    ...(protocolVersion !== undefined && { [attributes.protocolVersion]: protocolVersion }),
    [attributes.transport]: transport,
    ...(transport === "tcp" && { [attributes.networkProtocol]: "http" }),
    ...(transport === "tcp" && httpVersion !== undefined && { [attributes.networkProtocolVersion]: httpVersion }),
  };
}

function spanAttributes(
  { ref, requestId, resourceUri, sessionId, protocolVersion, clientAddress, clientPort }: CallStart,
  masked: (text: string) => string,
): Attributes {
  const sessionful = sessionId !== undefined && (protocolVersion === undefined || protocolVersion < SESSIONLESS);
  return {
    [attributes.ref]: ref,
    ...(requestId !== undefined && { [attributes.requestId]: masked(String(requestId)).slice(0, 128) }),
    ...(resourceUri !== undefined && { [attributes.resourceUri]: masked(resourceUri) }),
    ...(sessionful && { [attributes.sessionId]: sessionId }),
    ...(clientAddress !== undefined && { [attributes.clientAddress]: clientAddress }),
    ...(clientPort !== undefined && { [attributes.clientPort]: clientPort }),
  };
}

function errorAttributes({ method }: CallStart, { errorKind, rpcCode }: CallEnd): Attributes {
  if (rpcCode === undefined && errorKind === undefined) return {};
  const kind = errorKind === undefined ? {} : { [attributes.errorKind]: errorKind };
  if (rpcCode !== undefined)
    return { [attributes.errorType]: String(rpcCode), [attributes.statusCode]: String(rpcCode), ...kind };
  return { [attributes.errorType]: method === "tools/call" ? TOOL_ERROR : String(errorKind), ...kind };
}

function isServerError({ errorKind, rpcCode }: CallEnd): boolean {
  return rpcCode === undefined ? errorKind !== undefined : !callerFaults.has(rpcCode);
}

/** Sends what an SDK that somebody else registered holds back; it stays running. */
async function flush({ trace, metrics: meters }: Api): Promise<void> {
  const tracerProvider = trace.getTracerProvider() as Flushable & { getDelegate?(): Flushable };
  const providers: Flushable[] = [
    tracerProvider.getDelegate?.() ?? tracerProvider,
    meters.getMeterProvider() as Flushable,
  ];
  await Promise.all(providers.map(async (provider) => provider.forceFlush?.()));
}

interface Flushable {
  forceFlush?(): Promise<void>;
}

// A collector that does not answer must not keep the process, and its failure is nobody's exit status.
async function within(ms: number, work: Promise<void>): Promise<void> {
  const { promise: late, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, ms);
  await Promise.race([work.catch(() => {}), late]);
  clearTimeout(timer);
}
