// An MCP server in one file that speaks both revisions and has the one fault that its first argument names. JavaScript,
// because it is started hundreds of times and the types would double what that takes.
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";

const fault = process.argv[2] ?? "none";
const has = (name) => fault === name;

const text = (value) => ({ content: [{ type: "text", text: value }] });
const refusal = (value) => ({ ...text(value), isError: true });
const version = "io.modelcontextprotocol/protocolVersion";

class Refused extends Error {
  code;
  data;
  constructor(code, message, data) {
    super(message);
    this.code = code;
    this.data = data;
  }
}

const path = { type: "string", description: "What to read." };
const hints = { readOnlyHint: true, openWorldHint: false };
const inputSchema = { type: "object", properties: { path }, required: ["path"] };
const read = { name: "read", title: "Read", description: "Reads.", inputSchema, annotations: hints };

/** The list of tools with the fault in it. */
const faultyTools = {
  "no-input-schema": [read, { ...read, name: "other", inputSchema: undefined }],
  "wrong-root": [read, { ...read, name: "other", inputSchema: { type: "array" } }],
  "bad-schema": [
    read,
    { ...read, name: "other", inputSchema: { type: "object", properties: { a: { type: "strin" } } } },
  ],
  "same-name": [read, read],
  "dotted-name": [read, { ...read, name: "read.more" }],
  "hidden-text": [read, { ...read, name: "other", description: "Reads\u200b." }],
  "uri-format": [
    read,
    { ...read, name: "other", inputSchema: { type: "object", properties: { path: { ...path, format: "uri" } } } },
  ],
  "camel-case": [read, { ...read, name: "other", inputSchema: { type: "object", properties: { fullPath: path } } }],
  "changing-tool": [
    { ...read, annotations: { ...hints, readOnlyHint: false, destructiveHint: true, idempotentHint: false } },
  ],
};

const capabilities = {
  tools: {},
  resources: has("subscribe-in-name-only") ? { subscribe: true } : {},
  ...(has("undeclared-prompts") ? {} : { prompts: {} }),
  completions: {},
};
const serverInfo = { name: has("nameless") ? "" : "fixture", version: "1.0.0" };

const templates = [{ uriTemplate: "fixture://{id}", name: "by id" }];
const resources = [{ uri: "fixture://one", ...(!has("resource-without-name") && { name: "one" }) }];
const prompts = [{ name: "greet", description: "Greets." }];

function page(key, items, cursor) {
  // Two pages, so that the cursor is walked.
  if (cursor === undefined) return { [key]: items, nextCursor: "2" };
  if (has("endless-cursor") && key === "tools") return { [key]: [], nextCursor: "2" };
  if (cursor === "2") return { [key]: [] };
  if (has("any-code-for-cursor")) throw new Refused(-32_000, "No");
  throw new Refused(-32_602, "Unknown cursor");
}

const methods = {
  "tools/list": ({ cursor }) => page("tools", faultyTools[fault] ?? [read], cursor),
  "resources/list": ({ cursor }) => page("resources", resources, cursor),
  "resources/templates/list": ({ cursor }) => page("resourceTemplates", templates, cursor),
  "prompts/list": ({ cursor }) => page("prompts", prompts, cursor),
  "tools/call"({ name, arguments: args = {} }) {
    if (has("dies-of-unknown-tool") && name !== "read") process.exit(1);
    if (has("unknown-tool-as-result") && name !== "read") return refusal("Unknown tool");
    if (name !== "read") throw new Refused(-32_602, "Unknown tool");
    if (has("changing-tool")) process.exit(1);
    if (has("internal-error") && typeof args["path"] !== "string") throw new Refused(-32_603, "TypeError");
    if (has("trusting") || typeof args["path"] === "string") return text("Read.");
    return refusal("path is to be a string");
  },
  "resources/read"(_params, isModern) {
    if (has("empty-contents")) return { contents: [] };
    throw new Refused(isModern || has("new-code") ? -32_602 : -32_002, "Not found");
  },
  "prompts/get"() {
    if (has("any-prompt")) return { messages: [] };
    throw new Refused(-32_602, "Unknown prompt");
  },
  "completion/complete"() {
    throw new Refused(-32_602, "Unknown reference");
  },
};

function greet({ protocolVersion }) {
  const known = protocolVersion === "2025-11-25" || has("echoes-version") ? protocolVersion : "2025-11-25";
  const logging = has("logging-in-name-only") ? { logging: {} } : {};
  return { protocolVersion: known, capabilities: { ...capabilities, ...logging }, serverInfo };
}

function discover() {
  return {
    supportedVersions: ["2026-07-28"],
    capabilities,
    resultType: "complete",
    ...(!has("discover-without-ttl") && { ttlMs: 0 }),
    cacheScope: "public",
    _meta: { "io.modelcontextprotocol/serverInfo": serverInfo },
  };
}

let hasGreeted = false;

function answer({ method = "", params = {} }) {
  const meta = params["_meta"] ?? {};
  const isModern = typeof meta[version] === "string";
  if (has("dies-of-discover") && method === "server/discover") process.exit(1);
  if (isModern && has("only-2025")) throw new Refused(-32_601, "Method not found");
  if (isModern && meta[version] !== "2026-07-28" && !(has("any-version") || (has("any-later-version") && hasGreeted)))
    throw new Refused(-32_022, "Unsupported", { supported: ["2026-07-28"] });
  if (method === "initialize") {
    if (has("only-2026")) throw new Refused(-32_022, "Unsupported", { supported: ["2026-07-28"] });
    hasGreeted = true;
    return greet(params);
  }
  if (isModern && method === "server/discover") return discover();
  if (!isModern && !hasGreeted) {
    if (has("dies-early")) process.exit(1);
    throw new Refused(-32_600, "Say initialize first");
  }
  hasGreeted = true;
  if (!isModern && method === "ping") {
    if (has("mute-ping")) return undefined;
    if (has("no-ping")) throw new Refused(-32_601, "Method not found");
    return has("full-ping") ? { pong: true } : {};
  }
  if (has("chatty") && method === "tools/list") process.stdout.write("Listing tools\n");
  if (has("no-utf8") && method === "tools/list") process.stdout.write(Buffer.from([0x22, 0xff, 0x22, 0x0a]));
  if (has("asks-client") && isModern && method === "tools/list") send({ id: "s1", method: "roots/list" });
  if (has("hangs-on-cursor") && params["cursor"] === "mooring-made-up-cursor") return undefined;
  if (has("no-templates") && method === "resources/templates/list") throw new Refused(-32_601, "Method not found");
  const known = methods[method];
  if (!known) {
    if (has("mute-unknown")) return undefined;
    if (has("answers-anything")) return isModern ? { resultType: "complete" } : {};
    throw new Refused(has("other-code") ? -32_000 : -32_601, "Method not found");
  }
  const result = known(params, isModern);
  if (!isModern) return result;
  return { resultType: "complete", ...result, ...(!has("no-ttl") && { ttlMs: 0 }), cacheScope: "private" };
}

function send(message) {
  process.stdout.write(`${JSON.stringify({ jsonrpc: "2.0", ...message })}\n`);
}

let waiting = 0;

function take(line) {
  if (has("dies-of-big-lines") && line.length > 65_536) process.exit(1);
  if (line === "" && !has("dies-of-empty-line")) return;
  let request;
  try {
    request = JSON.parse(line);
  } catch {
    if (has("dies-of-malformed") || line === "") process.exit(1);
    if (has("odd-code-for-malformed")) return send({ id: null, error: { code: -1, message: "What?" } });
    if (!has("none")) return;
    return send({ id: null, error: { code: -32_700, message: "Parse error" } });
  }
  if (request.method === undefined) {
    if (has("dies-of-non-message")) process.exit(1);
    return;
  }
  if (request.id === undefined || (has("zero-is-no-id") && request.id === 0)) {
    if (has("dies-of-cancelled") && request.method === "notifications/cancelled") process.exit(1);
    if (has("answers-notifications") && request.method === "notifications/mooring-unknown")
      send({ id: null, error: { code: -32_601, message: "Method not found" } });
    return;
  }
  if (!has("overrun")) return respond(request);
  // Takes its time, and ten at most.
  if (waiting === 10) return;
  waiting += 1;
  setTimeout(() => {
    waiting -= 1;
    respond(request);
  }, 20);
}

function respond(request) {
  const id = has("numbers-as-ids") && !Number.isNaN(Number(request.id)) ? Number(request.id) : request.id;
  try {
    const result = has("mute") ? undefined : answer(request);
    if (result) send({ id, result });
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    send({ id, error: { code: error.code, message: error.message, data: error.data } });
    if (has("dies-after-its-answer") && request.method === "prompts/get") process.exit(1);
  }
}

function leave() {
  const sleeper = spawn("sleep", ["300"], { stdio: "ignore", detached: true });
  sleeper.unref();
  return sleeper;
}

const child = fault.startsWith("child") ? leave() : undefined;
process.on("SIGTERM", () => {
  if (has("ignores-sigterm")) return;
  if (!has("child-after-sigterm")) child?.kill();
  process.exit(0);
});
if (has("exits")) {
  console.error("no configuration");
  process.exit(3);
}
if (has("needs-variable") && !process.env["FIXTURE_TOKEN"]) {
  console.error("FIXTURE_TOKEN is not set");
  process.exit(1);
}
if (has("prints-variable")) process.stdout.write(`${process.env["FIXTURE_TOKEN"]}\n`);
if (has("banner")) process.stdout.write("Fixture server 1.0.0\n");
console.error("the fixture logs to stderr");
const lines = createInterface({ input: process.stdin });
lines.on("line", take);
lines.on("close", () => {
  if (!has("child-after-stdin")) child?.kill();
  if (has("late-child")) leave();
  if (has("ignores-stdin")) setInterval(() => {}, 1_000);
});
