import { ProtocolError } from "@modelcontextprotocol/server";
import type { Call } from "../call.ts";
import type { Stage } from "../pipeline.ts";
import { isToolResult, type Reply } from "../reply.ts";
import type { Runtime } from "../runtime.ts";
import type { Subject } from "../subject.ts";

/** Records what left: span, metrics, log line, audit. Outermost, so that denials and unknown tools are seen too. */
export const observe: Stage = {
  name: "observe",
  layer(subject, runtime) {
    const { inflight } = runtime;
    const recorded = runtime.telemetry !== undefined || runtime.audit !== undefined || runtime.log.enabled("info");
    const begin = () => {
      inflight.count++;
      runtime.telemetry?.inflight(1);
    };
    const end = (call: Call) => {
      call.ended = true;
      runtime.telemetry?.inflight(-1);
      if (--inflight.count === 0) for (const idle of inflight.waiting.splice(0)) idle();
    };
    if (!recorded)
      return async (call, next) => {
        inflight.count++;
        try {
          return await next(call);
        } finally {
          end(call);
        }
      };
    return async (call, next) => {
      const started = performance.now();
      begin();
      const span = runtime.telemetry?.start({
        method: call.method,
        ref: call.ref,
        transport: call.mcp.http ? "tcp" : "pipe",
        requestId: call.mcp.mcpReq.id,
        ...(subject.kind === "resource"
          ? { resourceUri: call.target }
          : { target: isKnown(subject) ? subject.name : "unknown" }),
        ...(call.mcp.sessionId !== undefined && { sessionId: call.mcp.sessionId }),
        ...(call.mcp.mcpReq._meta && { meta: call.mcp.mcpReq._meta }),
        ...httpFacts(call),
        ...protocolVersion(call),
      });
      let reply: Reply | undefined;
      let thrown: unknown;
      try {
        const answer = await (span ? span.run(() => next(call)) : next(call));
        reply = answer;
        return answer;
      } catch (error) {
        thrown = error;
        throw error;
      } finally {
        const durationMs = performance.now() - started;
        const rpcCode = thrown instanceof ProtocolError ? thrown.code : undefined;
        span?.end({
          durationMs,
          ...(call.error && { errorKind: call.error.kind, message: runtime.redactor.record(call.error.message) }),
          ...(rpcCode !== undefined && { rpcCode }),
          ...(call.masked > 0 && { masked: call.masked }),
        });
        record(runtime, subject, call, reply, thrown, durationMs);
        end(call);
      }
    };
  },
};

// Names that a client made up would be a metric each, and may hold anything.
function isKnown(subject: Subject): boolean {
  return subject.kind === "tool" || subject.kind === "resource" || subject.kind === "prompt";
}

function httpFacts({ mcp }: Call) {
  const headers = mcp.http?.req?.headers;
  if (!headers) return {};
  const of = (name: string) => headers.get(name) ?? undefined;
  return { httpVersion: "1.1", httpHeaders: { traceparent: of("traceparent"), tracestate: of("tracestate") } };
}

function protocolVersion(call: Call) {
  const version = call.server.getNegotiatedProtocolVersion();
  return version === undefined ? {} : { protocolVersion: version };
}

const DENIALS = new Set(["denied", "confirm_required", "unauthenticated"]);

function record(
  runtime: Runtime,
  subject: Subject,
  call: Call,
  reply: Reply | undefined,
  thrown: unknown,
  durationMs: number,
): void {
  const ms = Math.round(durationMs * 100) / 100;
  const kind = call.error?.kind;
  const denied = (kind !== undefined && DENIALS.has(kind)) || subject.kind === "unknown";
  if (denied) runtime.telemetry?.count("policy.denied");
  if (call.masked > 0) runtime.telemetry?.count("redactions", {}, call.masked);
  const fields = {
    ref: call.ref,
    method: call.method,
    // Masked before it is cut.
    target: runtime.redactor.record(call.target).slice(0, 200),
    ms,
    ...(kind && { kind }),
    ...(call.masked > 0 && { masked: call.masked }),
  };
  if (denied) runtime.log.info("refused", fields);
  else runtime.log.info(kind || thrown ? "failed" : "answered", fields);
  if (!runtime.audit) return;
  runtime.telemetry?.count("audit.records");
  // An input_required reply ends a round, not the call: the round that answers is recorded.
  const waiting = reply !== undefined && !isToolResult(reply) && "inputRequests" in reply;
  runtime.audit.write({
    kind: denied ? "denied" : "outcome",
    ref: call.ref,
    principal: call.principal,
    ...(call.clientName !== undefined && { client: call.clientName }),
    tool: isKnown(subject) ? subject.name : runtime.redactor.record(call.target).slice(0, 64),
    access: call.access,
    args: call.arguments ?? null,
    ...(waiting ? { decision: "asked" } : call.decision !== undefined && { decision: call.decision }),
    ...(call.confirmedBy && { confirmedBy: call.confirmedBy }),
    outcome: kind ?? (thrown ? "invalid_input" : "ok"),
    ms,
  });
  // The record is on its way to the disk before the answer is on its way to the client.
  runtime.audit.flush();
}
