/**
 * Every name that telemetry uses, once. `mcp.*`, `gen_ai.*`, `jsonrpc.*`: semantic conventions for MCP, status Development
 * (open-telemetry/semantic-conventions-genai, docs/gen-ai/mcp.md); `mooring.*` are ours, with few values each.
 */
export const attributes = {
  method: "mcp.method.name",
  tool: "gen_ai.tool.name",
  prompt: "gen_ai.prompt.name",
  operation: "gen_ai.operation.name",
  protocolVersion: "mcp.protocol.version",
  sessionId: "mcp.session.id",
  resourceUri: "mcp.resource.uri",
  requestId: "jsonrpc.request.id",
  errorType: "error.type",
  statusCode: "rpc.response.status_code",
  transport: "network.transport",
  networkProtocol: "network.protocol.name",
  networkProtocolVersion: "network.protocol.version",
  clientAddress: "client.address",
  clientPort: "client.port",
  ref: "mooring.ref",
  errorKind: "mooring.error.kind",
  resultMasked: "mooring.result.masked",
  resultBytes: "mooring.result.bytes",
} as const;

/** Value of `gen_ai.operation.name`, for tools/call only. */
export const EXECUTE_TOOL = "execute_tool";
/** Value of `error.type` for a result with `isError`. */
export const TOOL_ERROR = "tool_error";

export const metrics = {
  operationDuration: "mcp.server.operation.duration",
  sessionDuration: "mcp.server.session.duration",
  policyDenied: "mooring.policy.denied",
  rateLimitRejected: "mooring.ratelimit.rejected",
  cacheRequests: "mooring.cache.requests",
  redactions: "mooring.redactions",
  auditRecords: "mooring.audit.records",
  inflight: "mooring.inflight",
} as const;

/** Histogram boundaries in seconds, as the conventions give them. */
export const durationBuckets = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60, 120, 300] as const;

/** JSON-RPC codes that are the caller's fault: recorded as `error.type`, but no error of this server's span. */
export const callerFaults: ReadonlySet<number> = new Set([-32700, -32600, -32601, -32602, -32002]);
