import { createRequire } from "node:module";

type Api = typeof import("@opentelemetry/api");

interface NodeSdk {
  start(): void;
  shutdown(): Promise<void>;
}

// Put together at run time: bundlers leave it alone, and it is found beside the server if somebody installed it.
const SDK = ["@opentelemetry", "sdk-node"].join("/");

interface StartOptions {
  readonly server: string | undefined;
  readonly env: NodeJS.ProcessEnv;
  readonly warn: (line: string) => void;
}

/** Starts the OpenTelemetry SDK by its own `OTEL_*` variables; what stops it, or undefined after one line that says why not. */
export async function startSdk({ server, env, warn }: StartOptions): Promise<(() => Promise<void>) | undefined> {
  const printing = ["OTEL_TRACES_EXPORTER", "OTEL_METRICS_EXPORTER", "OTEL_LOGS_EXPORTER"].find((name) =>
    /\bconsole\b/.test(env[name] ?? ""),
  );
  if (printing) {
    warn(`Telemetry is off: ${printing}=console prints to stdout, which belongs to the protocol. Use otlp or none.`);
    return undefined;
  }
  const NodeSDK = await sdkClass();
  if (!NodeSDK) {
    warn(
      `Telemetry is off: OTEL_EXPORTER_OTLP_ENDPOINT is set, but ${SDK} is not installed beside this server. Install it: npm install ${SDK}`,
    );
    return undefined;
  }
  // With OTEL_LOG_LEVEL the SDK would log to the console, and so to stdout.
  const level = process.env["OTEL_LOG_LEVEL"];
  delete process.env["OTEL_LOG_LEVEL"];
  try {
    hearDiagnostics((message) => warn(`OpenTelemetry: ${withoutStack(message)}`));
    const named = env["OTEL_SERVICE_NAME"] || /\bservice\.name=/.test(env["OTEL_RESOURCE_ATTRIBUTES"] ?? "");
    const sdk = new NodeSDK(!named && server ? { serviceName: `mooring-${server}` } : {});
    sdk.start();
    return () => sdk.shutdown();
  } finally {
    if (level !== undefined) process.env["OTEL_LOG_LEVEL"] = level;
  }
}

// Through the SDK's copy of the API: the first to register decides the version, and all others must have the same one.
function hearDiagnostics(tell: (message: string) => void): void {
  const { diag, DiagLogLevel } = createRequire(import.meta.resolve(SDK))("@opentelemetry/api") as Api;
  const ignore = () => {};
  diag.setLogger(
    { error: tell, warn: tell, info: ignore, debug: ignore, verbose: ignore },
    { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true },
  );
}

async function sdkClass(): Promise<(new (configuration: { serviceName?: string }) => NodeSdk) | undefined> {
  try {
    const loaded = (await import(SDK)) as { NodeSDK: new (configuration: { serviceName?: string }) => NodeSdk };
    return loaded.NodeSDK;
  } catch (error) {
    if ((error as { code?: unknown }).code === "ERR_MODULE_NOT_FOUND") return undefined;
    throw error;
  }
}

// The SDK's error handler logs errors as JSON, with their stack.
function withoutStack(message: string): string {
  try {
    const { message: inner } = JSON.parse(message) as { message?: unknown };
    return typeof inner === "string" ? inner : message;
  } catch {
    return message;
  }
}
