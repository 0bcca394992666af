import fc from "fast-check";
import { Writable } from "node:stream";
import { describe, expect, test, vi } from "vitest";
import { createLog, type LogLevel, logLevels } from "../src/log.ts";
import { createRedactor } from "../src/redact.ts";
import { stderrSink } from "../src/stderr-sink.ts";

const token = `ghp_${"a1".repeat(18)}`;

function recorded(level: LogLevel = "debug", format: "json" | "text" = "json") {
  const lines: string[] = [];
  const redactor = createRedactor("own");
  redactor.add("own-credential");
  const log = createLog({ level, redactor, format, sink: (line) => lines.push(line) });
  return { log, lines, records: () => lines.map((line) => JSON.parse(line) as Record<string, unknown>) };
}

describe("log", () => {
  test("writes one JSON object a record", () => {
    const { log, records } = recorded();
    log.child({ server: "github" }).warn("slow answer", { ref: "r1", ms: 12.5, tool: "list_issues" });
    expect(records()).toEqual([
      {
        ts: expect.stringMatching(/^\d{4}-.*Z$/),
        level: "warn",
        msg: "slow answer",
        server: "github",
        ref: "r1",
        ms: 12.5,
        tool: "list_issues",
      },
    ]);
    expect(Object.keys(records()[0] as object).slice(0, 4)).toEqual(["ts", "level", "msg", "server"]);
  });

  test.for(logLevels)("at level %s writes that and what is worse", (level) => {
    const { log, records } = recorded(level);
    for (const each of ["error", "warn", "info", "debug"] as const) log[each]("x");
    const written = logLevels.slice(1, logLevels.indexOf(level) + 1);
    expect(records().map((record) => record["level"])).toEqual(written);
    expect(logLevels.filter((each) => log.enabled(each))).toEqual(written);
  });

  test("a disabled level reads nothing", () => {
    const { log } = recorded("warn");
    const get = vi.fn<() => string>(() => "x");
    log.info("x", Object.defineProperty({}, "field", { get, enumerable: true }));
    expect(get).not.toHaveBeenCalled();
  });

  test("no field replaces time, level or message", () => {
    const { log, records } = recorded();
    log.error("real", { ts: "forged", level: "info", msg: "forged" });
    expect(records()[0]).toMatchObject({ level: "error", msg: "real" });
    expect(records()[0]?.["ts"]).not.toBe("forged");
  });

  test("names the running call unless the line names one", () => {
    const lines: string[] = [];
    const log = createLog({
      level: "info",
      redactor: createRedactor("own"),
      sink: (line) => lines.push(line),
      ref: () => "running",
    });
    log.info("a");
    log.info("b", { ref: "own" });
    expect(lines.map((line) => (JSON.parse(line) as { ref: string }).ref)).toEqual(["running", "own"]);
  });

  test.for(["json", "text"] as const)("%s lines cannot be forged or steer a terminal", (format) => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        const { log, lines } = recorded("debug", format);
        log.info(`a\n{"level":"error"}\u001b[31m\r\u009b\u2028\u202e${text}`, { [`key\n${text}`]: text });
        expect(lines).toHaveLength(1);
        // oxlint-disable-next-line no-control-regex
        expect(lines[0]).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/);
      }),
    );
  });

  test("text format is for people", () => {
    const { log, lines } = recorded("info", "text");
    log.warn("two\nlines", { ref: "r" });
    expect(lines[0]).toMatch(/^\S+Z WARN {2}two\\u000alines \{"ref":"r"\}$/);
  });

  test("masks secrets in messages, keys, nested fields and errors", () => {
    const { log, lines } = recorded();
    const error = new TypeError(`bad ${token}`, { cause: new Error("own-credential") });
    log.error(`m ${token}`, { error, list: [{ url: `postgres://u:hunter22@h/` }], [token]: 1 });
    log.child({ with: "own-credential" }).error("x");
    for (const line of lines) expect(line).not.toMatch(/ghp_a1|hunter22|own-credential/);
  });

  test.for([
    "password",
    "Authorization",
    "api_key",
    "apiKey",
    "DB_PASSWORD",
    "client-secret",
    "set-cookie",
    "accessToken",
  ])("a field named %s is a secret whatever it looks like", (name) => {
    const { log, records } = recorded();
    log.info("x", { [name]: "swordfish" });
    expect(records()[0]?.[name]).toBe("⟨masked:field⟩");
  });

  test("reduces errors to name, message and code; stacks at debug only", () => {
    const error = Object.assign(new RangeError("too far"), { code: "ERR_X", config: { secret: "s" } });
    const { log, records } = recorded("info");
    log.error("x", { error });
    expect(records()[0]?.["error"]).toEqual({ name: "RangeError", message: "too far", code: "ERR_X" });
    const debug = recorded("debug");
    debug.log.error("x", { error });
    expect(debug.records()[0]?.["error"]).toMatchObject({ stack: expect.stringContaining("log.test") });
  });

  test("is total over what can be thrown at it", () => {
    const cycle: Record<string, unknown> = {
      big: 1n,
      nan: Number.NaN,
      f: () => {},
      s: Symbol("x"),
      d: new Date(Number.NaN),
      b: Buffer.alloc(9),
    };
    cycle["self"] = cycle;
    Object.defineProperty(cycle, "bad", {
      enumerable: true,
      get: () => {
        throw new Error("getter");
      },
    });
    const { log, records } = recorded();
    log.info("x", {
      cycle,
      proxy: new Proxy(
        {},
        {
          ownKeys: () => {
            throw new Error("trap");
          },
        },
      ),
      json: {
        toJSON: () => {
          throw new Error("json");
        },
      },
    });
    expect(records()).toHaveLength(1);
    expect(records()[0]?.["cycle"]).toMatchObject({
      big: "1",
      nan: "NaN",
      d: "[invalid date]",
      b: "[9 bytes]",
      bad: "[unreadable]",
    });
    expect(records()[0]?.["proxy"]).toBe("[unreadable]");
  });

  test("bounds a line, whatever is logged", () => {
    const { log, lines } = recorded();
    log.info("m".repeat(1_000_000), { list: Array.from({ length: 10_000 }, () => "x"), text: "y".repeat(1_000_000) });
    expect(lines[0]?.length).toBeLessThan(20_000);
  });

  test("a sink that throws does not throw", () => {
    const log = createLog({
      level: "info",
      redactor: createRedactor("own"),
      sink: () => {
        throw new Error("EPIPE");
      },
    });
    expect(() => log.info("x")).not.toThrow();
  });
});

describe("stderr sink", () => {
  test("survives a reader that is gone", async () => {
    const stream = new Writable({
      write: (_chunk, _encoding, done) => done(new Error("EPIPE")),
    }) as unknown as NodeJS.WriteStream;
    const sink = stderrSink(stream);
    sink("a");
    await new Promise(setImmediate);
    expect(() => sink("b")).not.toThrow();
  });

  test("drops lines of a reader that is slow, and says how many", () => {
    const chunks: string[] = [];
    const held: (() => void)[] = [];
    const stream = new Writable({
      decodeStrings: false,
      write(chunk: string, _encoding, done) {
        chunks.push(chunk);
        held.push(done);
      },
    }) as unknown as NodeJS.WriteStream;
    const sink = stderrSink(stream);
    const line = "x".repeat(100_000);
    for (let i = 0; i < 30; i++) sink(line);
    expect(stream.writableLength).toBeLessThan(1_300_000);
    while (held.length > 0) held.shift()?.();
    sink("after");
    while (held.length > 0) held.shift()?.();
    expect(chunks.length).toBeLessThan(16);
    expect(JSON.parse(chunks.at(-2) as string)).toMatchObject({ level: "warn", dropped: 30 - (chunks.length - 2) });
    expect(chunks.at(-1)).toBe("after\n");
  });
});
