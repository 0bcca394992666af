import { accesses } from "./access.ts";
import { currentRef } from "./call.ts";
import { ConfigError } from "./config-error.ts";
import { type Credential, resolveCredential } from "./credentials.ts";
import { deepText } from "./deep-text.ts";
import type { ServerDefinition } from "./definition.ts";
import { ToolError } from "./errors.ts";
import { outboundProblems } from "./fetch.ts";
import { exitCodes } from "./exit-codes.ts";
import { helpText, informationFlags } from "./help.ts";
import { type CheckLine, type Host, lateNotifier } from "./host.ts";
import { oneLine } from "./json-line.ts";
import { loadOptions } from "./load-options.ts";
import { createLog, type Log } from "./log.ts";
import { type CommonConfig, commonOptions, type ConfigOf, type Options } from "./options.ts";
import { createRedactor, type Redactor } from "./redact.ts";
import type { RuntimeOptions } from "./runtime.ts";
import { type Prepared, prepare } from "./server.ts";
import { serveProcess } from "./serve-process.ts";
import { stateFolder } from "./state.ts";
import { loadTelemetry } from "./telemetry.ts";

/** A sub-command such as `login`: runs instead of serving, resolves to the exit status. */
export interface Command<O extends Options> {
  readonly description: string;
  run(config: ConfigOf<O> & CommonConfig, host: Host): Promise<number>;
}

export interface RunOptions<Deps extends object, O extends Options> {
  /** The server's own options; those of every server are added. */
  readonly options: O;
  /** Makes the dependencies. Lazy: it opens no connection and reads no credential. */
  connect(config: ConfigOf<O> & CommonConfig, host: Host): Deps | Promise<Deps>;
  /** What `--check` asks the service. */
  check?(deps: Deps, config: ConfigOf<O> & CommonConfig): Promise<readonly CheckLine[]> | readonly CheckLine[];
  /** Ends pools, watchers and workers. */
  close?(deps: Deps): Promise<void> | void;
  /** The account that the server acts as, named in questions to a person. */
  account?(config: ConfigOf<O> & CommonConfig): string | undefined;
  readonly commands?: Readonly<Record<string, Command<O>>>;
}

/**
 * What a server's `main.ts` calls: reads the configuration, answers `--help` and its kin, or serves until the host goes.
 * Never rejects: every problem becomes one clear text on stderr and an exit status.
 */
export async function runServer<Deps extends object, O extends Options>(
  definition: ServerDefinition<Deps>,
  run: RunOptions<Deps, O>,
): Promise<void> {
  const late: Late = { redactor: createRedactor(definition.redact ?? "own"), secrets: [] };
  try {
    const status = await start(definition, run, late, process.argv.slice(2), process.env);
    if (status !== undefined) await end(status);
  } catch (error) {
    late.log?.debug("cannot start", { error });
    process.stderr.write(late.redactor.record(`mooring-${definition.name} cannot start:${reason(error)}\n`));
    await end(error instanceof ConfigError ? exitCodes.usage : exitCodes.failed);
  }
}

/** What depends on the configuration, which already resolves credentials. */
interface Late {
  redactor: Redactor;
  log?: Log;
  readonly secrets: string[];
}

// Never the error itself: it may carry a stack, and what it was about (the input of a URL that does not parse).
function reason(error: unknown): string {
  if (error instanceof ConfigError) return `${error.problems.length > 1 ? "\n" : " "}${error.message}`;
  if (error instanceof ToolError) return ` ${error.message}${error.hint ? ` ${error.hint}` : ""}`;
  const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return ` it failed unexpectedly (${oneLine(text)}). --log-level debug says where.`;
}

// Text on a pipe is written in the background: exiting at once would cut it.
async function end(status: number): Promise<void> {
  await Promise.all(
    [process.stdout, process.stderr].map((stream) => new Promise((resolve) => stream.write("", resolve))),
  );
  process.exit(status);
}

async function start<Deps extends object, O extends Options>(
  definition: ServerDefinition<Deps>,
  run: RunOptions<Deps, O>,
  late: Late,
  argv: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<number | undefined> {
  const common = commonOptions({ redact: definition.redact ?? "own" });
  const commandName = argv[0] !== undefined && Object.hasOwn(run.commands ?? {}, argv[0]) ? argv[0] : undefined;
  const asked = information(argv);
  const rest = argv.filter((argument, i) => !(i === 0 && commandName) && !asked.has(argument));
  if (asked.has("--help")) {
    const commands = Object.fromEntries(
      Object.entries(run.commands ?? {}).map(([name, { description }]) => [name, description]),
    );
    process.stdout.write(helpText(definition, run.options, common, commands));
    return exitCodes.done;
  }
  if (asked.has("--version")) {
    process.stdout.write(`${definition.version}\n`);
    return exitCodes.done;
  }
  const credential: Host["credential"] = (name, { fallback } = {}) =>
    resolveCredential(name, {
      env,
      onSecret(secret) {
        late.secrets.push(secret);
        late.redactor.add(secret);
      },
      log: { warn: (message) => late.log?.warn(message) },
      fallback,
    });
  const config = loadOptions(
    { ...common, ...run.options },
    { server: definition.name, argv: rest, env, credential },
  ) as ConfigOf<O> & CommonConfig;
  const redactor = (late.redactor = createRedactor(config.redact));
  for (const secret of late.secrets) redactor.add(secret);
  const log = (late.log = createLog({ level: config.logLevel, redactor, ref: currentRef }).child({
    server: definition.name,
  }));
  warnOfCredentials({ ...common, ...run.options }, config, log);
  const notifier = lateNotifier();
  const host: Host = {
    log,
    redactor,
    env,
    stateDir: config.stateDir ?? stateFolder(definition.name, { env }),
    credential,
    notify: notifier.notify,
  };
  if (asked.has("--print-config")) {
    const printed = printable({ ...common, ...run.options }, config);
    process.stdout.write(`${JSON.stringify(deepText(printed, redactor.record), null, 2)}\n`);
    return exitCodes.done;
  }
  const command = commandName === undefined ? undefined : run.commands?.[commandName];
  if (command) return command.run(config, host);
  const deps = await run.connect(config, host);
  const telemetry = await loadTelemetry({
    version: definition.version,
    server: definition.name,
    redactor,
    warn: (line) => log.warn(line),
  });
  const runtime: RuntimeOptions & { deps: Deps } = {
    deps,
    ...selectionOf(config, argv, env, definition.name),
    access: config.access,
    prefix: config.prefix,
    confirm: config.confirm,
    structured: config.structured,
    timeout: config.timeout,
    concurrency: config.concurrency ?? (config.http ? 16 : 256),
    log,
    redactor: host.redactor,
    ...accountOf(run.account?.(config)),
    telemetry,
    ...(config.audit !== undefined && { audit: await openAuditLog(config.audit, definition, host) }),
  };
  const prepared = prepare(definition, runtime);
  notifier.connect((kind) => prepared.notifyListChanged(kind));
  if (asked.has("--list-tools")) return listTools(definition, prepared);
  if (asked.has("--check")) return await check(run, deps, config, host, prepared);
  await serveProcess(prepared, {
    definition,
    config,
    host,
    audit: runtime.audit,
    close: async () => void (await Promise.allSettled([run.close?.(deps), telemetry?.close()])),
  });
  return undefined;
}

function information(argv: readonly string[]): ReadonlySet<string> {
  const flags = new Set(Object.keys(informationFlags).map((flag) => `--${flag}`));
  return new Set(argv.filter((argument) => flags.has(argument)));
}

function accountOf(account: string | undefined) {
  return account === undefined ? {} : { account };
}

// `--tools` alone means exactly these, so it matters whether sets were said at all.
function selectionOf(config: CommonConfig, argv: readonly string[], env: NodeJS.ProcessEnv, server: string) {
  const { toolsets, tools, exclude } = config;
  const variable = `MOORING_${server.replace(/-/g, "_").toUpperCase()}_TOOLSETS`;
  const standard = toolsets.length === 1 && toolsets[0] === "default";
  const said = !standard || env[variable] !== undefined || argv.some((argument) => argument.startsWith("--toolsets"));
  return { tools, exclude, toolsets: said ? toolsets : undefined };
}

async function openAuditLog<Deps>(dir: string, { name, version }: ServerDefinition<Deps>, { redactor, log }: Host) {
  const { openAudit } = await import("./audit.ts");
  try {
    return openAudit({ dir, server: name, version, redactor, onError: "block", log });
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? "unknown reason";
    throw new ConfigError([`--audit ${dir}: the folder cannot be written (${code}). Choose another.`], {
      cause: error,
    });
  }
}

function warnOfCredentials(options: Options, config: Readonly<Record<string, unknown>>, log: Log): void {
  for (const [key, option] of Object.entries(options)) {
    const problem = option.credential ? (config[key] as Credential).problem : undefined;
    if (problem) log.warn(problem);
  }
}

/** Of a credential only where it comes from. */
function printable(options: Options, config: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(config).map(([key, value]) => [
      key,
      options[key]?.credential ? ((value as Credential).source() ?? null) : (value ?? null),
    ]),
  );
}

function listTools<Deps>(definition: ServerDefinition<Deps>, { tools, instructions }: Prepared): number {
  const width = Math.max(0, ...tools.map((tool) => tool.name.length));
  for (const tool of tools) {
    const own = definition.tools.find((each) => tool.name.endsWith(each.name));
    process.stdout.write(
      `${tool.name.padEnd(width)}  ${(own ? [...new Set(accesses(own.access))].join("/") : "").padEnd(22)}  ${tool.title ?? ""}\n`,
    );
  }
  const off = instructions.split("\n").find((line) => line.startsWith("Switched off"));
  if (off) process.stdout.write(`${off}\n`);
  return exitCodes.done;
}

async function check<Deps extends object, O extends Options>(
  run: RunOptions<Deps, O>,
  deps: Deps,
  config: ConfigOf<O> & CommonConfig,
  host: Host,
  { tools }: Prepared,
): Promise<number> {
  const lines: CheckLine[] = [
    { name: "configuration", ok: true, detail: `${tools.length} tools at --access ${config.access}` },
  ];
  try {
    const outbound = await outboundProblems(host.env);
    lines.push(
      ...outbound.map((detail) => ({ name: "outbound", ok: false, detail })),
      ...((await run.check?.(deps, config)) ?? []),
    );
  } catch (error) {
    lines.push({ name: "check", ok: false, detail: error instanceof Error ? error.message : String(error) });
  }
  for (const { name, ok, detail, fix } of lines)
    process.stdout.write(
      host.redactor.record(`${ok ? "ok  " : "FAIL"} ${name}: ${detail}${!ok && fix ? `\n     ${fix}` : ""}\n`),
    );
  await run.close?.(deps);
  return lines.every((line) => line.ok) ? exitCodes.done : exitCodes.check;
}
