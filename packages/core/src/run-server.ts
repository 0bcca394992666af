import { currentRef } from "./call.ts";
import { ConfigError } from "./config-error.ts";
import { type Credential, resolveCredential } from "./credentials.ts";
import type { ServerDefinition } from "./definition.ts";
import { ToolError } from "./errors.ts";
import { exitCodes } from "./exit-codes.ts";
import { unfenced } from "./fence.ts";
import { helpText } from "./help.ts";
import { type CheckLine, type Host, lateNotifier } from "./host.ts";
import { type Answers, information, informationFlags, listedTools, printedConfig, runCheck } from "./information.ts";
import { oneLine } from "./json-line.ts";
import { loadOptions } from "./load-options.ts";
import { createLog, type Log } from "./log.ts";
import { ANY_PORT, type CommonConfig, commonOptions, type ConfigOf, flagOf, type Options } from "./options.ts";
import { createRedactor, type Redactor } from "./redact.ts";
import type { RuntimeOptions } from "./runtime.ts";
import { prepare } from "./server.ts";
import { serveProcess } from "./serve-process.ts";
import { stateFolder } from "./state.ts";
import { loadTelemetry } from "./telemetry.ts";

type Config<O extends Options> = ConfigOf<O> & CommonConfig;

/** A sub-command such as `login`: runs instead of serving, resolves to the exit status. */
export interface Command<O extends Options> {
  readonly description: string;
  run(config: Config<O>, host: Host): Promise<number>;
}

/** An information flag of a server's own, such as `--print-role-sql`: answers and ends. */
export interface Answer<O extends Options> {
  readonly description: string;
  /** The text for stdout, which gets nothing else. Connects nothing: that is what commands are for. */
  run(config: Config<O>, host: Host): string | Promise<string>;
}

/** What a server brings to {@link runServer} besides its definition. */
export interface RunOptions<Deps extends object, O extends Options> {
  /** The server's own options; those of every server are added. */
  readonly options: O;
  /**
   * The server as this configuration has it, before anything else is made of it: arguments limited (`limitArgument`), tools of
   * the configuration added. Pure.
   */
  configure?(definition: ServerDefinition<Deps>, config: Config<O>): ServerDefinition<Deps>;
  /** Makes the dependencies. Lazy: it opens no connection and reads no credential. */
  connect(config: Config<O>, host: Host): Deps | Promise<Deps>;
  /** What `--check` asks the service. */
  check?(deps: Deps, config: Config<O>): Promise<readonly CheckLine[]> | readonly CheckLine[];
  /**
   * Tools that the credential cannot serve, and why: by what an earlier run or `--check` has put into a `scopeMemory`. They are
   * neither listed nor callable. Asks no service: the list must not wait for the network.
   */
  hidden?(config: Config<O>, host: Host): Promise<ReadonlyMap<string, string>>;
  /** Ends pools, watchers and workers. */
  close?(deps: Deps): Promise<void> | void;
  /** The account that the server acts as, named in questions to a person. */
  account?(config: Config<O>): string | undefined;
  readonly commands?: Readonly<Record<string, Command<O>>>;
  /** Information flags besides `--help`, `--version` and the others, by their names without dashes. */
  readonly answers?: Readonly<Record<string, Answer<O>>>;
}

/**
 * What a server's `main.ts` calls: reads the configuration, answers `--help` and its kin, or serves until the host goes.
 * Never rejects: every problem becomes one clear text on stderr and an exit status.
 */
export async function runServer<Deps extends object, O extends Options>(
  definition: ServerDefinition<Deps>,
  run: RunOptions<Deps, O>,
): Promise<void> {
  const late: Late = { redactor: createRedactor(definition.redact ?? "own"), secrets: [], doing: "cannot start" };
  try {
    const status = await start(definition, run, late, process.argv.slice(2), process.env);
    if (status !== undefined) await end(status);
  } catch (error) {
    late.log?.debug(late.doing, { error });
    process.stderr.write(late.redactor.record(unfenced(`mooring-${definition.name} ${late.doing}:${reason(error)}\n`)));
    await end(error instanceof ConfigError ? exitCodes.usage : exitCodes.failed);
  }
}

/** What depends on the configuration, which already resolves credentials. */
interface Late {
  redactor: Redactor;
  log?: Log;
  readonly secrets: string[];
  /** For the line that says what has failed. */
  doing: string;
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
  const options: Options = { ...common, ...run.options };
  refuseDoubles(common, run.options, run.answers ?? {});
  const commandName = argv[0] !== undefined && Object.hasOwn(run.commands ?? {}, argv[0]) ? argv[0] : undefined;
  const asked = information(argv, run.answers ?? {});
  const rest = argv.filter((argument, i) => !(i === 0 && commandName) && !asked.has(argument));
  if (asked.has("--help")) {
    const commands = Object.fromEntries(
      Object.entries(run.commands ?? {}).map(([name, { description }]) => [name, description]),
    );
    process.stdout.write(helpText(definition, run.options, common, commands, run.answers));
    return exitCodes.done;
  }
  if (asked.has("--version")) {
    process.stdout.write(`${definition.version}\n`);
    return exitCodes.done;
  }
  const credential: Host["credential"] = (name, more) =>
    resolveCredential(name, {
      ...more,
      env,
      onSecret(secret) {
        late.secrets.push(secret);
        late.redactor.add(secret);
      },
      log: { warn: (message) => late.log?.warn(message) },
    });
  const config = loadOptions(options, { server: definition.name, argv: rest, env, credential }) as Config<O>;
  if (!config.http && (config.listen !== ANY_PORT || config.admin !== undefined))
    throw new ConfigError(["--listen and --admin only count with --http: add it, or leave them out."]);
  const redactor = (late.redactor = createRedactor(config.redact));
  for (const secret of late.secrets) redactor.add(secret);
  const log = (late.log = createLog({ level: config.logLevel, redactor, ref: currentRef }).child({
    server: definition.name,
  }));
  warnOfCredentials(options, config, log);
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
    process.stdout.write(printedConfig(options, config, redactor));
    return exitCodes.done;
  }
  for (const [flag, answer] of Object.entries(run.answers ?? {})) {
    if (!asked.has(`--${flag}`)) continue;
    late.doing = `cannot answer --${flag}`;
    process.stdout.write(`${redactor.record(await answer.run(config, host)).trimEnd()}\n`);
    return exitCodes.done;
  }
  const command = commandName === undefined ? undefined : run.commands?.[commandName];
  if (command) {
    late.doing = `${commandName} failed`;
    return command.run(config, host);
  }
  const configured = run.configure?.(definition, config) ?? definition;
  const hidden = async () => (await run.hidden?.(config, host)) ?? new Map<string, string>();
  const deps = await run.connect(config, host);
  const runtime: RuntimeOptions & { deps: Deps } = {
    deps,
    access: config.access,
    toolsets: config.toolsets,
    tools: config.tools,
    exclude: config.exclude,
    hidden: await hidden(),
    prefix: config.prefix,
    confirm: config.confirm,
    structured: config.structured,
    timeout: config.timeout,
    concurrency: config.concurrency ?? (config.http ? 16 : 256),
    log,
    redactor,
    ...accountOf(run.account?.(config)),
  };
  if (asked.has("--list-tools")) {
    process.stdout.write(listedTools(configured.tools, prepare(configured, runtime), config.prefix));
    return exitCodes.done;
  }
  if (asked.has("--check")) {
    const { tools } = prepare(configured, runtime);
    const found = `${tools.length} tools at --access ${config.access}`;
    const status = await runCheck(
      host,
      found,
      async () => (await run.check?.(deps, config)) ?? [],
      hidden,
      definition.mapError,
    );
    await run.close?.(deps);
    return status;
  }
  // Only a process that serves writes records: asking for the tools leaves nothing behind.
  const telemetry = await loadTelemetry({
    version: definition.version,
    server: definition.name,
    redactor,
    warn: (line) => log.warn(line),
  });
  const audit = config.audit === undefined ? {} : { audit: await openAuditLog(config.audit, definition, host) };
  const prepared = prepare(configured, { ...runtime, ...audit, telemetry });
  notifier.connect((kind) => prepared.notifyListChanged(kind));
  await serveProcess(prepared, {
    definition,
    config,
    host,
    audit: audit.audit,
    close: async () => void (await Promise.allSettled([run.close?.(deps), telemetry?.close()])),
  });
  return undefined;
}

// One name for two things would let a server change what an option of every server means.
function refuseDoubles(common: Options, own: Options, answers: Answers): void {
  const doubles = Object.keys(own).filter((key) => Object.hasOwn(common, key));
  if (doubles.length > 0)
    throw new ConfigError(doubles.map((key) => `The option "${key}" is declared, and one of every server's.`));
  const flags = new Set([
    ...Object.keys(informationFlags),
    ...Object.entries({ ...common, ...own }).map(([key, option]) => flagOf(key, option)),
  ]);
  const taken = Object.keys(answers).filter((flag) => flags.has(flag));
  if (taken.length > 0)
    throw new ConfigError(taken.map((flag) => `The answer to --${flag} is declared, and the flag taken.`));
}

function accountOf(account: string | undefined) {
  return account === undefined ? {} : { account };
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
