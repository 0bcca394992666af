import { type Bench, type Command, NoSession, openBench } from "./bench.ts";
import { checkConformance } from "./conformance.ts";
import { lists, walk } from "./conformance/lists.ts";
import { hostEnvironment } from "./environment.ts";
import { checkHttp, checkHttpCommand, isLoopback } from "./http.ts";
import { isRecord } from "./json-rpc.ts";
import { checkOrphans } from "./orphans.ts";
import { type CheckResult, count, type Group, type Report, type Revision, type ToolCost } from "./report.ts";
import { checkQuiet, checkStart, identity } from "./start.ts";
import { checkStdout } from "./stdout.ts";
import { checkSurface } from "./surface.ts";
import { checkTokens } from "./tokens.ts";

/** What to check: a command, a URL, or both. */
export interface CheckOptions {
  /** Starts the server on stdio, as a host does: with the few variables that hosts pass on, and `env`. */
  readonly command?: string;
  readonly args?: readonly string[];
  /** Set for the server. The values are left out of the report. */
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** Checks what answers there over Streamable HTTP. */
  readonly url?: string;
  /** Lets `url` be on another machine. */
  readonly allowRemote?: boolean;
  /** Starts the command once more with `--http` and checks the URL that it prints on stderr. */
  readonly http?: boolean;
  /** More tokens than this in the list of tools are a failure. Default: no limit. */
  readonly maxTokens?: number;
  /** Milliseconds that a start may take; an answer later on may take a quarter of it. Default: 20,000. */
  readonly timeoutMs?: number;
  /** Groups to leave out. */
  readonly skip?: readonly Group[];
  /** Told what is looked at next. */
  onProgress?(what: string): void;
}

/**
 * Checks an MCP server, whoever made it: start, stdout, surface, tokens, protocol, end, and over HTTP the public suite. Calls
 * no tool but one that says it is read-only, with arguments that it must refuse; and ends all that it starts. What is wrong
 * with the server is in the report.
 * Throws a TypeError when there is neither a command nor a URL, or the URL is remote without `allowRemote`.
 */
export async function checkServer(options: CheckOptions): Promise<Report> {
  const { command, url, args = [], env = {}, cwd, allowRemote = false } = options;
  if (command === undefined && url === undefined) throw new TypeError("Name a command or a URL to check.");
  if (url !== undefined && !allowRemote && !isLoopback(url))
    throw new TypeError(`${url} is on another machine. Say that this is meant with --allow-remote.`);
  const began = performance.now();
  const found: Found = { checks: [], revisions: new Set() };
  if (command !== undefined)
    await checkCommand(
      { command, args, env: await hostEnvironment(env, command), ...(cwd !== undefined && { cwd }) },
      options,
      found,
    );
  if (url !== undefined) await checkUrl(url, options, found);
  const secrets = Object.values(env).filter((value) => value.length >= 4);
  const checks = found.checks.map((check) => mask(check, secrets));
  const counts = count(checks);
  const target = [command === undefined ? [] : [command, ...args].join(" "), url ?? []].flat().join(" and ");
  return {
    target: maskText(target, secrets),
    ...describeServer(found.server),
    revisions: [...found.revisions],
    ...(found.startMs !== undefined && { startMs: found.startMs }),
    ...(found.tools && { tools: found.tools }),
    checks,
    counts,
    ok: counts.fail === 0,
    durationMs: Math.round(performance.now() - began),
  };
}

interface Found {
  checks: CheckResult[];
  revisions: Set<Revision>;
  server?: Record<string, unknown>;
  startMs?: number;
  tools?: ToolCost;
}

async function checkCommand(command: Command, options: CheckOptions, found: Found): Promise<void> {
  const { timeoutMs = 20_000, maxTokens, skip = [], http = false, onProgress = () => {} } = options;
  const isWanted = (group: Group) => !skip.includes(group);
  const patienceMs = Math.max(timeoutMs / 4, Math.min(timeoutMs, 1_000));
  await using bench = openBench(command, { startTimeoutMs: timeoutMs, patienceMs });
  onProgress("start");
  const start = await checkStart(bench, command, isWanted("start"));
  const isUp = bench.greetings.size > 0;
  // A server that does not come up is said to in any case.
  const startChecks = isWanted("start") || !isUp ? [...start.results] : [];
  if (!isUp) {
    const quiet = checkQuiet(bench.sessions);
    found.checks.push(...startChecks, ...(quiet.status === "pass" ? [] : [quiet]));
    return;
  }
  for (const revision of bench.greetings.keys()) found.revisions.add(revision);
  const server = identity(bench);
  if (server) found.server = server;
  if (start.startMs !== undefined) found.startMs = start.startMs;

  const later: CheckResult[] = [];
  const tools = isWanted("surface") || isWanted("tokens") ? await listTools(bench) : undefined;
  if (tools) await checkTools(tools, maxTokens, isWanted, found, later);
  if (isWanted("conformance")) later.push(...(await checkConformance(bench, onProgress)));
  if (isWanted("orphans")) {
    onProgress("orphans");
    later.push(...(await checkOrphans(bench)));
  }
  // What a server logs over HTTP is no session on stdio.
  const sessions = [...bench.sessions];
  if (http && isWanted("http")) later.push(...(await checkHttpCommand(bench, command.args, onProgress)));
  // Only now has everything been written that there is to judge.
  if (isWanted("start")) startChecks.push(checkQuiet(sessions));
  if (isWanted("stdout")) startChecks.push(checkStdout(sessions));
  found.checks.push(...startChecks, ...later);
}

async function checkUrl(url: string, options: CheckOptions, found: Found): Promise<void> {
  const { timeoutMs = 20_000, maxTokens, skip = [], onProgress = () => {} } = options;
  const isWanted = (group: Group) => !skip.includes(group);
  const { results, facts } = await checkHttp(url, timeoutMs, onProgress, isWanted("http"));
  for (const revision of facts.revisions) found.revisions.add(revision);
  if (facts.server) found.server ??= facts.server;
  // With a command too, its tools have been judged already.
  if (facts.tools && !found.tools) await checkTools(facts.tools, maxTokens, isWanted, found, found.checks);
  found.checks.push(...results);
}

async function checkTools(
  tools: readonly unknown[],
  maxTokens: number | undefined,
  isWanted: (group: Group) => boolean,
  found: Found,
  checks: CheckResult[],
): Promise<void> {
  if (isWanted("surface")) checks.push(...(await checkSurface(tools)));
  if (!isWanted("tokens")) return;
  const { results, cost } = await checkTokens(tools, maxTokens);
  checks.push(...results);
  found.tools = cost;
}

/** @returns the tools, or `undefined` where none are declared or listed, which is judged with the protocol */
async function listTools(bench: Bench): Promise<readonly unknown[] | undefined> {
  const [revision] = bench.greetings.keys();
  const [list] = lists;
  if (revision === undefined || !list) return undefined;
  try {
    const peer = await bench.peer(revision);
    const capabilities = peer.greeting["capabilities"];
    if (!isRecord(capabilities) || !(list.capability in capabilities)) return undefined;
    return (await walk(peer, list.method, list.key)).items;
  } catch (error) {
    if (error instanceof NoSession) return undefined;
    throw error;
  }
}

function describeServer(info: Record<string, unknown> | undefined): Pick<Report, "server"> {
  if (!info) return {};
  const { name, version, title } = info;
  return {
    server: {
      name: typeof name === "string" ? name : "",
      version: typeof version === "string" ? version : "",
      ...(typeof title === "string" && { title }),
    },
  };
}

function mask(check: CheckResult, secrets: readonly string[]): CheckResult {
  return check.detail === undefined ? check : { ...check, detail: maskText(check.detail, secrets) };
}

function maskText(text: string, secrets: readonly string[]): string {
  return secrets.reduce((masked, secret) => masked.replaceAll(secret, "***"), text);
}
