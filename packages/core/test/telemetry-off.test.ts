import { afterEach, describe, expect, test, vi } from "vitest";
import { loadTelemetry } from "../src/telemetry.ts";

const imported = vi.hoisted(() => ({ api: 0 }));
vi.mock("@opentelemetry/api", async (original) => {
  imported.api++;
  return original();
});

const KEY = Symbol.for("opentelemetry.js.api.1");
const shared = globalThis as Record<symbol, unknown>;
afterEach(() => {
  delete shared[KEY];
});

async function load(env: NodeJS.ProcessEnv) {
  const said: string[] = [];
  return { telemetry: await loadTelemetry({ version: "1.0.0", env, warn: (line) => said.push(line) }), said };
}

describe("without a listener", () => {
  test("nothing is imported and nothing is said", async () => {
    expect(await load({})).toEqual({ telemetry: undefined, said: [] });
    expect(await load({ OTEL_EXPORTER_OTLP_ENDPOINT: "" })).toEqual({ telemetry: undefined, said: [] });
    expect(await load({ OTEL_SDK_DISABLED: "true", OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:4318" })).toEqual({
      telemetry: undefined,
      said: [],
    });
    // A global that only logs its own trouble listens to nothing.
    shared[KEY] = { version: "1.10.0", diag: {} };
    expect(await load({})).toEqual({ telemetry: undefined, said: [] });
    expect(imported.api).toBe(0);
  });
});

describe("asked for and not to be had", () => {
  test("the missing SDK is named with its install command", async () => {
    const { telemetry, said } = await load({ OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:4318" });
    expect(telemetry).toBeUndefined();
    expect(said).toEqual([expect.stringMatching(/^Telemetry is off: .*npm install @opentelemetry\/sdk-node$/)]);
  });

  test("an exporter that prints to stdout is refused", async () => {
    const { telemetry, said } = await load({
      OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:4318",
      OTEL_TRACES_EXPORTER: "otlp,console",
    });
    expect(telemetry).toBeUndefined();
    expect(said).toEqual([expect.stringContaining("OTEL_TRACES_EXPORTER=console prints to stdout")]);
  });

  test("a registered API that is too old is named", async () => {
    shared[KEY] = { version: "1.0.0", trace: {}, metrics: {} };
    const { telemetry, said } = await load({});
    expect(telemetry).toBeUndefined();
    expect(said).toEqual([expect.stringContaining("API is 1.0.0")]);
  });
});
