// The server's own credentials never leave, anywhere; secrets of known formats never in errors, logs, spans and audit, nor
// in results under `--redact patterns`. As a property over random data, then through whole processes.
import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { InMemorySpanExporter, NodeTracerProvider, SimpleSpanProcessor } from "@opentelemetry/sdk-trace-node";
import fc from "fast-check";
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test, vi } from "vitest";
import { openAudit } from "../src/audit.ts";
import { createLog } from "../src/log.ts";
import { createRedactor, type RedactMode } from "../src/redact.ts";
import { connect, type Era, eras } from "../src/testing.ts";
import { loadTelemetry } from "../src/telemetry.ts";
import { leakyServer, leakyTools, texts } from "./leaky-server.ts";
import { initialize } from "./support/requests.ts";
import { samples } from "./support/secrets.ts";

const spans = new InMemorySpanExporter();
const provider = new NodeTracerProvider({ spanProcessors: [new SimpleSpanProcessor(spans)] });
beforeAll(() => provider.register());
afterAll(() => provider.shutdown());

let folder: string;
beforeEach(() => {
  spans.reset();
  folder = mkdtempSync(join(tmpdir(), "secrets-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
});

/** Where something came out. */
interface Heard {
  /** Results, resources, prompts, completions, progress, questions. */
  readonly results: string[];
  /** What failed calls say. */
  readonly errors: string[];
  readonly records: { readonly logs: string[]; readonly spans: string[]; readonly audit: string[] };
}

interface Saying {
  readonly own?: readonly string[];
  readonly mode: RedactMode;
  readonly era: Era;
  /** What the server holds. */
  readonly planted: unknown;
  /** What the client says where it can say something. */
  readonly said?: string;
}

/** Uses everything the server has, and listens everywhere. */
async function heard({ own = [], mode, era, planted, said = "x" }: Saying): Promise<Heard> {
  const redactor = createRedactor(mode);
  for (const secret of own) redactor.add(secret);
  const logs: string[] = [];
  const log = createLog({ level: "debug", redactor, sink: (line) => void logs.push(line) });
  const audit = openAudit({ dir: folder, server: "leaky", version: "1.0.0", redactor, onError: "block", log });
  const telemetry = await loadTelemetry({ version: "1.0.0", redactor, env: {} });
  expect(telemetry).toBeDefined();
  spans.reset();
  const results: string[] = [];
  const errors: string[] = [];
  {
    await using mcp = await connect(
      leakyServer,
      {
        deps: { planted: () => planted, log },
        access: "full",
        structured: true,
        redactor,
        log,
        audit,
        telemetry,
        account: "an account",
        answer: (message) => results.push(message) > 0,
      },
      era,
    );
    const { client } = mcp;
    results.push(
      client.getInstructions() ?? "",
      ...texts(client.getServerVersion()),
      ...texts(await client.listTools()),
    );
    const settle = async (work: Promise<unknown>) => {
      try {
        const result = (await work) as { isError?: boolean };
        (result.isError ? errors : results).push(...texts(result));
      } catch (error) {
        const { message, data } = error as { message: string; data?: unknown };
        errors.push(message, ...texts(data));
      }
    };
    const onprogress = ({ message }: { message?: string | undefined }) => void results.push(message ?? "");
    for (const { name } of leakyTools) {
      await settle(client.callTool({ name, arguments: {} }, { onprogress }));
      await settle(client.callTool({ name, arguments: { [said]: said, a: 3 } }));
    }
    const used: Promise<unknown>[] = [
      client.callTool({ name: said, arguments: { a: said } }),
      client.callTool({ name: "as_log", arguments: { a: said } }),
      client.listResources(),
      client.listResourceTemplates(),
      client.listPrompts(),
      ...["leak://a", "leak://error", "leak://crash", `leak://${said}`, said].map((uri) =>
        client.readResource({ uri }),
      ),
      client.getPrompt({ name: "leak", arguments: { a: said } }),
      client.getPrompt({ name: "leak", arguments: { [said]: said } }),
      client.getPrompt({ name: said }),
      client.complete({ ref: { type: "ref/prompt", name: "leak" }, argument: { name: "a", value: said } }),
      client.complete({
        ref: { type: "ref/resource", uri: "leak://{+name}" },
        argument: { name: "name", value: said },
      }),
    ];
    for (const work of used) await settle(work);
  }
  audit.close();
  const exported = spans
    .getFinishedSpans()
    .map(({ name, attributes, status, events }) => texts({ name, attributes, status, events }));
  return {
    results,
    errors,
    records: {
      logs,
      spans: exported.flat(),
      audit: readdirSync(folder).flatMap((file) => readFileSync(join(folder, file), "utf8").split("\n")),
    },
  };
}

/** The texts in which a secret stands: as it is, in JSON, in base64 or percent-encoded. */
function leaks(secret: string, ...heardTexts: readonly (readonly string[])[]): string[] {
  const bytes = Buffer.from(secret);
  const forms = [secret, JSON.stringify(secret).slice(1, -1), encodeURIComponent(secret)];
  if (bytes.length > 12) forms.push(bytes.toString("base64").slice(0, -4), bytes.toString("base64url").slice(0, -4));
  return heardTexts.flat().filter((text) => forms.some((form) => text.includes(form)));
}

/** The texts around a secret do not matter, and neither does where it stands. */
function holding(secrets: readonly string[]): fc.Arbitrary<unknown> {
  const around = fc.tuple(
    fc.constantFrom("", " ", "\n", '"', "token=", "(", "é ", "https://x.test/?q=", "a\tb: "),
    fc.constantFrom(...secrets),
    fc.constantFrom("", " ", "\n", '"', ")", ", and", "\\"),
  );
  const text = around.map((parts) => parts.join(""));
  const { value } = fc.letrec<{ value: unknown }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 4, depthSize: "small" },
      text,
      fc.constantFrom(1, null, true, "words"),
      fc.array(tie("value"), { minLength: 1, maxLength: 3 }),
      fc.dictionary(fc.oneof(fc.constantFrom("a", "note"), text), tie("value"), { minKeys: 1, maxKeys: 3 }),
    ),
  }));
  // At least one of them is there.
  return fc.tuple(text, value).map(([one, more]) => ({ one, more }));
}

const credential = fc.oneof(
  fc.string({ minLength: 12, maxLength: 60 }).filter((text) => text.trim() === text),
  fc.string({ minLength: 12, maxLength: 40, unit: "grapheme" }).filter((text) => text.trim() === text),
  fc.constantFrom("correct-horse/battery+staple=", 'quo"te\\back', "p%40ss&w=rd?x", "line1\nline2-of-a-key"),
  fc.stringMatching(/^[A-Za-z0-9_-]{20,200}$/),
  // A key file's worth.
  fc.stringMatching(/^[A-Za-z0-9+/]{1500,2500}$/),
);

test.for(eras.flatMap((era) => (["own", "patterns"] as const).map((mode) => [era, mode] as const)))(
  "%s, --redact %s: the server's own credentials never leave",
  { timeout: 120_000 },
  async ([era, mode]) => {
    let uses = 0;
    const planted = credential.chain((secret) => fc.tuple(fc.constant(secret), holding([secret])));
    await fc.assert(
      fc.asyncProperty(planted, async ([secret, data]) => {
        const { results, errors, records } = await heard({ own: [secret], mode, era, planted: data, said: secret });
        uses += results.length + errors.length;
        expect(errors.length).toBeGreaterThan(10);
        expect(leaks(secret, results, errors, records.logs, records.spans, records.audit).slice(0, 3)).toEqual([]);
      }),
      { numRuns: 60, seed: 7, endOnFailure: true },
    );
    expect(uses).toBeGreaterThan(60 * 40);
  },
);

test.for(eras)(
  "%s: secrets of known formats never stand in errors and records, nor in results under --redact patterns",
  { timeout: 120_000 },
  async (era) => {
    const rest = [...samples];
    const kinds = new Set<string>();
    while (rest.length > 0) {
      const some = rest.splice(0, 5);
      const data = fc.sample(holding(some.map(({ secret, inside }) => inside ?? secret)), {
        numRuns: 1,
        seed: rest.length,
      })[0];
      // Each of them, besides those that chance chose.
      const planted = [data, ...some.map(({ secret, inside }) => ({ note: `see ${inside ?? secret} there` }))];
      for (const mode of ["own", "patterns"] as const) {
        const { results, errors, records } = await heard({
          mode,
          era,
          planted,
          said: some[0]?.inside ?? some[0]?.secret ?? "",
        });
        for (const { kind, secret } of some) {
          kinds.add(kind);
          expect([kind, ...leaks(secret, errors, records.logs, records.spans, records.audit).slice(0, 2)]).toEqual([
            kind,
          ]);
          // Base64 of it all is no known format.
          const shown = mode === "patterns" ? results.filter((text) => text.includes(secret)) : [];
          expect([kind, ...shown.slice(0, 2)]).toEqual([kind]);
        }
        expect(errors.join()).toContain("⟨masked:");
      }
    }
    expect(kinds.size).toBe(new Set(samples.map(({ kind }) => kind)).size);
  },
);

test("a secret that only its name gives away is masked in whole data too, and in the log", async () => {
  const { secret } = samples.find(({ kind, name }) => kind === "aws-secret-key" && name === "JSON") ?? { secret: "" };
  const planted = { Credentials: { SecretAccessKey: secret } };
  const redactor = createRedactor("patterns");
  const logs: string[] = [];
  const log = createLog({ level: "debug", redactor, sink: (line) => void logs.push(line) });
  await using mcp = await connect(leakyServer, { deps: { planted: () => planted, log }, redactor, structured: true });
  const answers = [
    await mcp.call("as_record"),
    await mcp.call("as_json"),
    await mcp.client.readResource({ uri: "leak://a" }),
  ];
  await mcp.call("as_log");
  expect(JSON.stringify(answers)).toContain("⟨masked:aws-secret-key⟩");
  expect(texts(answers).filter((text) => text === secret || text.includes(`"${secret}"`))).toEqual([]);
  expect(logs.join()).toContain('"SecretAccessKey":"⟨masked:field⟩"');
});

const token = `ghp_${"a1B2c3D4".repeat(5)}`;

test.for([-1, 1, 4, 20, 39, 43, 60])(
  "half a secret never leaves: it begins %i characters before a cut",
  async (before) => {
    const own = `own-${"z9Y8x7".repeat(6)}`;
    for (const secret of [own, token]) {
      // At the cap of a text, of a name in an error, of a log line, of what spans and audit take.
      for (const length of [100_000, 64, 120, 200, 256, 600, 1_000, 4_096]) {
        const filler = `${"some words ".repeat(Math.ceil(length / 11)).slice(0, length - before - 1)} `;
        const planted = filler + secret + " and more words".repeat(length / 10);
        const { results, errors, records } = await heard({
          own: [own],
          mode: "patterns",
          era: "2025",
          planted,
          said: filler + secret,
        });
        const piece = secret.slice(0, 8);
        const found = [...results, ...errors, ...records.logs, ...records.spans, ...records.audit].filter((text) =>
          text.includes(piece),
        );
        expect([
          length,
          ...found.map(
            (text) => text.slice(0, 100) + " ~ " + text.slice(Math.max(0, text.indexOf(piece) - 100)).slice(0, 200),
          ),
        ]).toEqual([length]);
      }
    }
  },
);

test("masks are counted as far as they are shown", async () => {
  const redactor = createRedactor("patterns");
  const planted = `${token} ${"x".repeat(100_000)} ${token}`;
  const log = createLog({ level: "silent", redactor });
  await using mcp = await connect(leakyServer, { deps: { planted: () => planted, log }, redactor });
  const result = await mcp.call("as_text");
  expect(result._meta).toMatchObject({ "mooring/masked": 1 });
  expect(result.content.at(-1)).toMatchObject({ text: "(1 secret masked.)" });
});

// Whole processes, as an operator starts them.

const bin = new URL("leaky-bin.ts", import.meta.url).pathname;
const SECRET = 'pl4nted/cr3dential+of"this-server';

function sources(): Record<string, Record<string, string>> {
  const file = join(folder, "token");
  writeFileSync(file, `${SECRET}\n`, { mode: 0o600 });
  const script = join(folder, "command.mjs");
  writeFileSync(script, `console.error("asked"); console.log(${JSON.stringify(SECRET)});`);
  return {
    variable: { LEAKY_TOKEN: SECRET },
    file: { LEAKY_TOKEN_FILE: file },
    command: { LEAKY_TOKEN_COMMAND: JSON.stringify([process.execPath, script]) },
  };
}

const base = () => ({
  PATH: process.env["PATH"] ?? "",
  MOORING_LEAKY_LOG_LEVEL: "debug",
  MOORING_LEAKY_STATE_DIR: folder,
});
const url = "postgres://app:hunter22hunter@db.test/shop";

test.for(["variable", "file", "command"])(
  "a credential from a %s: nothing of it on stdout, stderr and in the audit",
  async (source) => {
    const audit = join(folder, "audit");
    const env = { ...base(), ...sources()[source] };
    const child = spawn(process.execPath, [bin, "--access", "full", "--structured", "--audit", audit, "--url", url], {
      env,
    });
    onTestFinished(() => void child.kill("SIGKILL"));
    let out = "";
    let err = "";
    child.stdout.setEncoding("utf8").on("data", (chunk: string) => (out += chunk));
    child.stderr.setEncoding("utf8").on("data", (chunk: string) => (err += chunk));
    const send = (message: object) => child.stdin.write(`${JSON.stringify(message)}\n`);
    send(initialize);
    const requests = [
      ["tools/list", {}],
      ["resources/list", {}],
      ["prompts/list", {}],
      ...leakyTools.map(({ name }) => ["tools/call", { name, arguments: {}, _meta: { progressToken: name } }] as const),
      ...["leak://a", "leak://error", "leak://crash"].map((uri) => ["resources/read", { uri }] as const),
      ["prompts/get", { name: "leak", arguments: { a: "x" } }],
      ["completion/complete", { ref: { type: "ref/prompt", name: "leak" }, argument: { name: "a", value: "" } }],
      ["tools/call", { name: SECRET, arguments: { [SECRET]: SECRET } }],
      ["tools/call", { name: "as_text", arguments: { [SECRET]: SECRET } }],
    ] as const;
    for (const [i, [method, params]] of requests.entries()) send({ jsonrpc: "2.0", id: i, method, params });
    child.stdin.write(`garbage ${SECRET}\n`);
    await vi.waitFor(
      () => expect(out.split("\n").filter((line) => /"id":\d+/.test(line))).toHaveLength(requests.length),
      20_000,
    );
    child.stdin.end();
    await new Promise((resolve) => child.once("exit", resolve));
    const audited = readdirSync(audit).map((file) => readFileSync(join(audit, file), "utf8"));
    expect(audited.join()).toContain("as_question");
    expect(err).toContain("connecting with ⟨masked:");
    expect(out).toContain("⟨masked:");
    const lines = [...out.split("\n"), ...err.split("\n"), ...audited];
    expect(leaks(SECRET, lines).slice(0, 3)).toEqual([]);
    // Known formats never in records: the URL's password is in the log and the errors.
    expect(
      err
        .split("\n")
        .filter((line) => line.includes("hunter22hunter"))
        .slice(0, 3),
    ).toEqual([]);
  },
);

test.for([
  [["--print-config"], 0],
  [["--check"], 3],
  [["--list-tools"], 0],
  [["--help"], 0],
  [["login"], 1],
  [["--crash", "url"], 1],
  [["--crash", "thing"], 1],
  [["--crash", "tool"], 1],
  [["--crash", SECRET], 2],
  [["--databases", `{"main": "${url}`], 2],
  [["--listen", SECRET, "--http"], 2],
] as const)("%j says nothing of it, in one clear text without a stack", ([args, status]) => {
  for (const [source, env] of Object.entries(sources())) {
    const databases = JSON.stringify({ main: { url } });
    const ended = spawnSync(process.execPath, [bin, ...args], {
      encoding: "utf8",
      input: "",
      env: {
        ...base(),
        MOORING_LEAKY_LOG_LEVEL: "warn",
        MOORING_LEAKY_URL: url,
        ...(args[0] === "--databases" ? {} : { MOORING_LEAKY_DATABASES: databases }),
        ...env,
      },
    });
    const printed = ended.stdout + ended.stderr;
    expect([source, ended.status, printed]).toEqual([source, status, printed]);
    // Given on the command line it is only known for one's own where it was read before.
    const typed = (args as readonly string[]).includes(SECRET) && source !== "variable";
    expect([source, ...(typed ? [] : leaks(SECRET, printed.split("\n")))]).toEqual([source]);
    expect(printed).not.toContain("hunter22hunter");
    expect(printed).not.toMatch(/\n\s+at /);
  }
});
