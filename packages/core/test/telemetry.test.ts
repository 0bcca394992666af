import { context, propagation, SpanKind, SpanStatusCode, trace } from "@opentelemetry/api";
import {
  AggregationTemporality,
  type DataPoint,
  type Histogram,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from "@opentelemetry/sdk-metrics";
import {
  InMemorySpanExporter,
  NodeTracerProvider,
  type ReadableSpan,
  SimpleSpanProcessor,
} from "@opentelemetry/sdk-trace-node";
import { metrics as metricsApi } from "@opentelemetry/api";
import fc from "fast-check";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { createRedactor } from "../src/redact.ts";
import { type CallEnd, type CallStart, loadTelemetry, type Telemetry } from "../src/telemetry.ts";
import * as names from "../src/telemetry-names.ts";

const spans = new InMemorySpanExporter();
const tracerProvider = new NodeTracerProvider({ spanProcessors: [new SimpleSpanProcessor(spans)] });
const metricExporter = new InMemoryMetricExporter(AggregationTemporality.DELTA);
const reader = new PeriodicExportingMetricReader({ exporter: metricExporter, exportIntervalMillis: 1_000_000 });
const meterProvider = new MeterProvider({ readers: [reader] });
let telemetry: Telemetry;

const token = `ghp_${"a1".repeat(18)}`;
const TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
const PARENT = "00f067aa0ba902b7";
const traceparent = `00-${TRACE}-${PARENT}-01`;

beforeAll(async () => {
  tracerProvider.register();
  metricsApi.setGlobalMeterProvider(meterProvider);
  const loaded = await loadTelemetry({ version: "1.2.3", redactor: createRedactor("own"), env: {} });
  if (!loaded) throw new Error("A registered SDK was not seen.");
  telemetry = loaded;
});
afterAll(async () => {
  await tracerProvider.shutdown();
  await meterProvider.shutdown();
});
beforeEach(async () => {
  await reader.forceFlush();
  spans.reset();
  metricExporter.reset();
});

const call = (over: Partial<CallStart> = {}): CallStart => ({
  method: "tools/call",
  target: "list_issues",
  ref: "ref-1",
  transport: "pipe",
  ...over,
});
function recorded(start: CallStart, end: Partial<CallEnd> = {}): ReadableSpan {
  telemetry.start(start).end({ durationMs: 12, ...end });
  return spans.getFinishedSpans().at(-1) as ReadableSpan;
}
async function points(name: string): Promise<DataPoint<Histogram>[]> {
  await reader.forceFlush();
  const all = metricExporter.getMetrics().flatMap((each) => each.scopeMetrics.flatMap((scope) => scope.metrics));
  return all
    .filter((metric) => metric.descriptor.name === name)
    .flatMap((metric) => metric.dataPoints as DataPoint<Histogram>[]);
}

test("names are what dashboards read: a change here is a change for every operator", () => {
  expect({ ...names, callerFaults: [...names.callerFaults] }).toMatchInlineSnapshot(`
    {
      "EXECUTE_TOOL": "execute_tool",
      "TOOL_ERROR": "tool_error",
      "attributes": {
        "clientAddress": "client.address",
        "clientPort": "client.port",
        "errorKind": "mooring.error.kind",
        "errorType": "error.type",
        "method": "mcp.method.name",
        "networkProtocol": "network.protocol.name",
        "networkProtocolVersion": "network.protocol.version",
        "operation": "gen_ai.operation.name",
        "prompt": "gen_ai.prompt.name",
        "protocolVersion": "mcp.protocol.version",
        "ref": "mooring.ref",
        "requestId": "jsonrpc.request.id",
        "resourceUri": "mcp.resource.uri",
        "resultBytes": "mooring.result.bytes",
        "resultMasked": "mooring.result.masked",
        "sessionId": "mcp.session.id",
        "statusCode": "rpc.response.status_code",
        "tool": "gen_ai.tool.name",
        "transport": "network.transport",
      },
      "callerFaults": [
        -32700,
        -32600,
        -32601,
        -32602,
        -32002,
      ],
      "durationBuckets": [
        0.01,
        0.02,
        0.05,
        0.1,
        0.2,
        0.5,
        1,
        2,
        5,
        10,
        30,
        60,
        120,
        300,
      ],
      "metrics": {
        "auditRecords": "mooring.audit.records",
        "cacheRequests": "mooring.cache.requests",
        "inflight": "mooring.inflight",
        "operationDuration": "mcp.server.operation.duration",
        "policyDenied": "mooring.policy.denied",
        "rateLimitRejected": "mooring.ratelimit.rejected",
        "redactions": "mooring.redactions",
        "sessionDuration": "mcp.server.session.duration",
      },
    }
  `);
});

describe("span", () => {
  test("of a tool call over stdio", () => {
    const span = recorded(call({ requestId: 7, protocolVersion: "2026-07-28" }));
    expect(span.name).toBe("tools/call list_issues");
    expect(span.kind).toBe(SpanKind.SERVER);
    expect(span.status).toEqual({ code: SpanStatusCode.UNSET });
    expect(span.instrumentationScope).toMatchObject({ name: "@mooring/core", version: "1.2.3" });
    expect(span.attributes).toEqual({
      "mcp.method.name": "tools/call",
      "gen_ai.operation.name": "execute_tool",
      "gen_ai.tool.name": "list_issues",
      "mcp.protocol.version": "2026-07-28",
      "network.transport": "pipe",
      "jsonrpc.request.id": "7",
      "mooring.ref": "ref-1",
    });
  });

  test("of a prompt", () => {
    const span = recorded(call({ method: "prompts/get", target: "review" }));
    expect(span.name).toBe("prompts/get review");
    expect(span.attributes).toMatchObject({ "gen_ai.prompt.name": "review" });
    expect(span.attributes).not.toHaveProperty("gen_ai.operation.name");
    expect(span.attributes).not.toHaveProperty("gen_ai.tool.name");
  });

  test("of a resource: the URI is an attribute, masked, and never the name", () => {
    const { target: _, ...rest } = call({ method: "resources/read", resourceUri: `postgres://u:hunter22@h/${token}` });
    const span = recorded(rest);
    expect(span.name).toBe("resources/read");
    expect(span.attributes["mcp.resource.uri"]).toBe("postgres://u:⟨masked:url-password⟩@h/⟨masked:github-token⟩");
  });

  test("of a call over HTTP", () => {
    const span = recorded(
      call({ transport: "tcp", httpVersion: "1.1", clientAddress: "10.0.0.9", clientPort: 5123, requestId: "a" }),
    );
    expect(span.attributes).toMatchObject({
      "network.transport": "tcp",
      "network.protocol.name": "http",
      "network.protocol.version": "1.1",
      "client.address": "10.0.0.9",
      "client.port": 5123,
      "jsonrpc.request.id": "a",
    });
  });

  test("has a session in legacy revisions only", () => {
    expect(recorded(call({ sessionId: "s", protocolVersion: "2025-11-25" })).attributes["mcp.session.id"]).toBe("s");
    expect(recorded(call({ sessionId: "s", protocolVersion: "2026-07-28" })).attributes).not.toHaveProperty(
      "mcp.session.id",
    );
    expect(recorded(call({ sessionId: "s", protocolVersion: "2027-01-01" })).attributes).not.toHaveProperty(
      "mcp.session.id",
    );
  });

  test("is the current one inside run, and ends once", async () => {
    const started = telemetry.start(call());
    const inside = await started.run(async () => {
      await Promise.resolve();
      return trace.getActiveSpan()?.spanContext().traceId;
    });
    expect(inside).toBe(started.traceId);
    expect(trace.getActiveSpan()).toBeUndefined();
    started.end({ durationMs: 1, masked: 3, bytes: 10 });
    started.end({ durationMs: 2, errorKind: "internal" });
    expect(spans.getFinishedSpans()).toHaveLength(1);
    expect(spans.getFinishedSpans()[0]?.attributes).toMatchObject({
      "mooring.result.masked": 3,
      "mooring.result.bytes": 10,
    });
    expect(await points("mcp.server.operation.duration")).toHaveLength(1);
  });
});

describe("failure", () => {
  test("of a tool: tool_error, the kind, and an error with the masked message", () => {
    const span = recorded(call(), { errorKind: "unavailable", message: `upstream said ${token}` });
    expect(span.attributes).toMatchObject({ "error.type": "tool_error", "mooring.error.kind": "unavailable" });
    expect(span.attributes).not.toHaveProperty("rpc.response.status_code");
    expect(span.status).toEqual({ code: SpanStatusCode.ERROR, message: "upstream said ⟨masked:github-token⟩" });
    expect(span.events).toEqual([]);
  });

  test.for([-32700, -32600, -32601, -32602, -32002])(
    "%i is the caller's: an error type, but no error of the span",
    (rpcCode) => {
      const span = recorded(call(), { rpcCode, message: "no such tool" });
      expect(span.attributes).toMatchObject({
        "error.type": String(rpcCode),
        "rpc.response.status_code": String(rpcCode),
      });
      expect(span.status).toEqual({ code: SpanStatusCode.UNSET });
    },
  );

  test.for([-32603, -32020, -32021, 1])("%i is ours", (rpcCode) => {
    const span = recorded(call(), { rpcCode, errorKind: "internal" });
    expect(span.attributes).toMatchObject({ "error.type": String(rpcCode), "mooring.error.kind": "internal" });
    expect(span.status.code).toBe(SpanStatusCode.ERROR);
  });
});

describe("parent", () => {
  test("comes from the bare keys of _meta", () => {
    const span = recorded(
      call({ meta: { traceparent, tracestate: "rojo=1", "io.modelcontextprotocol/x": {}, progressToken: 1 } }),
    );
    expect(span.parentSpanContext).toMatchObject({ traceId: TRACE, spanId: PARENT, isRemote: true });
    expect(span.parentSpanContext?.traceState?.serialize()).toBe("rojo=1");
    expect(span.links).toEqual([]);
  });

  test("baggage of _meta is there inside the call", () => {
    const started = telemetry.start(call({ meta: { traceparent, baggage: "userId=alice" } }));
    expect(started.run(() => propagation.getActiveBaggage()?.getEntry("userId")?.value)).toBe("alice");
    started.end({ durationMs: 1 });
  });

  test("the HTTP request's span becomes a link", () => {
    const http = trace.getTracer("http").startSpan("POST /mcp");
    const span = context.with(trace.setSpan(context.active(), http), () => recorded(call({ meta: { traceparent } })));
    expect(span.parentSpanContext?.spanId).toBe(PARENT);
    expect(span.links.map((link) => link.context.spanId)).toEqual([http.spanContext().spanId]);
    http.end();
  });

  test("without _meta it comes from the HTTP header, then from the HTTP request's span", () => {
    const header = { traceparent: `00-${"a".repeat(32)}-${"b".repeat(16)}-01`, tracestate: undefined };
    expect(recorded(call({ httpHeaders: header })).parentSpanContext?.traceId).toBe("a".repeat(32));
    expect(recorded(call({ httpHeaders: header, meta: { traceparent } })).parentSpanContext?.traceId).toBe(TRACE);
    const http = trace.getTracer("http").startSpan("POST /mcp");
    const span = context.with(trace.setSpan(context.active(), http), () => recorded(call({ meta: {} })));
    expect(span.parentSpanContext?.spanId).toBe(http.spanContext().spanId);
    expect(span.links).toEqual([]);
    http.end();
  });

  test.for([
    { traceparent: "nonsense" },
    { traceparent: 7 },
    { traceparent: ["x"] },
    { traceparent: "0".repeat(1_000_000) },
    { traceparent: {} },
    {},
  ])("an unusable one starts a trace: %j", (meta) => {
    const span = recorded(call({ meta }));
    expect(span.parentSpanContext).toBeUndefined();
    expect(span.spanContext().traceId).toMatch(/^[0-9a-f]{32}$/);
  });

  test("nothing in _meta breaks a call", () => {
    const value = fc.oneof(fc.string({ unit: "binary" }), fc.jsonValue());
    fc.assert(
      fc.property(
        fc.record({ traceparent: value, tracestate: value, baggage: value }, { requiredKeys: [] }),
        (meta) => {
          expect(recorded(call({ meta })).ended).toBe(true);
        },
      ),
    );
  });
});

describe("metrics", () => {
  test("the operation's duration, in seconds, in the conventions' buckets, without unbounded attributes", async () => {
    recorded(
      call({
        transport: "tcp",
        requestId: 9,
        sessionId: "s",
        protocolVersion: "2025-11-25",
        clientAddress: "10.0.0.9",
        clientPort: 1,
        resourceUri: "x:y",
      }),
      { durationMs: 1_500, errorKind: "timeout", masked: 1, bytes: 2 },
    );
    const [point] = await points("mcp.server.operation.duration");
    expect(point?.value).toMatchObject({ sum: 1.5, count: 1 });
    expect(point?.value.buckets.boundaries).toEqual([0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60, 120, 300]);
    expect(point?.attributes).toEqual({
      "mcp.method.name": "tools/call",
      "gen_ai.operation.name": "execute_tool",
      "gen_ai.tool.name": "list_issues",
      "mcp.protocol.version": "2025-11-25",
      "network.transport": "tcp",
      "network.protocol.name": "http",
      "error.type": "tool_error",
      "mooring.error.kind": "timeout",
    });
  });

  test("the session's duration", async () => {
    telemetry.session(90_000, { protocolVersion: "2025-11-25" });
    const [point] = await points("mcp.server.session.duration");
    expect(point?.value.sum).toBe(90);
    expect(point?.attributes).toEqual({ "mcp.protocol.version": "2025-11-25" });
  });

  test.for(["policy.denied", "ratelimit.rejected", "cache.requests", "redactions", "audit.records"] as const)(
    "mooring.%s",
    async (name) => {
      telemetry.count(name, { kind: "x" });
      telemetry.count(name, { kind: "x" }, 2);
      const [point] = (await points(`mooring.${name}`)) as unknown as DataPoint<number>[];
      expect(point).toMatchObject({ value: 3, attributes: { kind: "x" } });
    },
  );

  test("calls in flight", async () => {
    telemetry.inflight(1);
    telemetry.inflight(1);
    telemetry.inflight(-1);
    const [point] = (await points("mooring.inflight")) as unknown as DataPoint<number>[];
    expect(point?.value).toBe(1);
  });
});

test("close flushes a registered SDK and leaves it running", async () => {
  telemetry.count("policy.denied");
  await telemetry.close();
  expect(metricExporter.getMetrics().length).toBeGreaterThan(0);
  expect(recorded(call()).ended).toBe(true);
});
