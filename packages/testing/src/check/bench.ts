import { isRecord } from "./json-rpc.ts";
import { type Answer, type RawSession, type RequestOptions, startRaw } from "./raw-session.ts";
import type { Revision } from "./report.ts";

/** How the server is started. */
export interface Command {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd?: string;
}

/** What a server says of itself: the result of `initialize` or of `server/discover`. */
export type Greeting = Record<string, unknown>;

/** A session in one revision that is ready for requests. */
export interface Peer {
  readonly revision: Revision;
  readonly session: RawSession;
  readonly greeting: Greeting;
  request(method: string, params?: object, options?: Partial<RequestOptions>): Promise<Answer>;
  /** A request that every server answers: what was sent before has been read when its answer comes. */
  fence(params?: object, options?: Partial<RequestOptions>): Promise<Answer>;
}

/** Starts sessions, one process at a time, since some servers lock what they work on. */
export interface Bench extends AsyncDisposable {
  /** Milliseconds for a start. */
  readonly startTimeoutMs: number;
  /** Milliseconds for an answer of a server that has started. */
  readonly patienceMs: number;
  /** Every session so far. */
  readonly sessions: readonly RawSession[];
  /** What the server offers; filled by the group `start`. */
  readonly greetings: Map<Revision, Greeting>;
  /** The process that runs now. */
  readonly current: RawSession | undefined;
  /** A process that has been told nothing; ends the one before. */
  fresh(change?: {
    readonly env?: Readonly<Record<string, string>>;
    readonly args?: readonly string[];
  }): Promise<RawSession>;
  /** A session to go on with: the last one while it is sound, else a new one. Throws {@link NoSession}. */
  peer(revision: Revision): Promise<Peer>;
  /** A session that nothing else has been sent to. Throws {@link NoSession}. */
  freshPeer(revision: Revision): Promise<Peer>;
}

/** The server does not come up any more. */
export class NoSession extends Error {
  readonly answer: Answer;
  constructor(answer: Answer) {
    super("no session");
    this.answer = answer;
  }
}

export const CLIENT = { name: "mooring-testing", version: "0.0.0" };

/** What a request of the 2026-07-28 revision carries. */
export function envelope(version = "2026-07-28"): object {
  return {
    "io.modelcontextprotocol/protocolVersion": version,
    "io.modelcontextprotocol/clientCapabilities": {},
    "io.modelcontextprotocol/clientInfo": CLIENT,
  };
}

export function initialize(session: RawSession, timeoutMs: number, protocolVersion = "2025-11-25"): Promise<Answer> {
  return session.request("initialize", { protocolVersion, capabilities: {}, clientInfo: CLIENT }, { timeoutMs });
}

export function discover(session: RawSession, timeoutMs: number): Promise<Answer> {
  return session.request("server/discover", { _meta: envelope() }, { timeoutMs });
}

/** Whether a capability is declared. */
export function declares({ greeting }: Peer, capability: string): boolean {
  return isRecord(greeting["capabilities"]) && capability in greeting["capabilities"];
}

export function openBench(
  { command, args, env, cwd }: Command,
  { startTimeoutMs, patienceMs }: { readonly startTimeoutMs: number; readonly patienceMs: number },
): Bench {
  const sessions: RawSession[] = [];
  const greetings = new Map<Revision, Greeting>();
  const fences = new Map<Revision, string>();
  let current: RawSession | undefined;
  let ready: Peer | undefined;

  async function fresh(change: { env?: Readonly<Record<string, string>>; args?: readonly string[] } = {}) {
    await current?.close();
    ready = undefined;
    current = startRaw(command, change.args ?? args, { env: change.env ?? env, ...(cwd !== undefined && { cwd }) });
    sessions.push(current);
    return current;
  }

  async function freshPeer(revision: Revision): Promise<Peer> {
    const session = await fresh();
    const answer = await (revision === "2025-11-25" ? initialize : discover)(session, startTimeoutMs);
    if (answer.kind !== "result") throw new NoSession(answer);
    if (revision === "2025-11-25") session.notify("notifications/initialized");
    const request: Peer["request"] = (method, params, options) =>
      session.request(method, revision === "2025-11-25" ? params : { _meta: envelope(), ...params }, {
        timeoutMs: patienceMs,
        ...options,
      });
    ready = {
      revision,
      session,
      greeting: answer.result,
      request,
      async fence(params, options) {
        const known = fences.get(revision);
        if (known !== undefined) return request(known, params, options);
        // `ping` is mandatory, but a server that lacks just that is to fail just there.
        const candidates = revision === "2025-11-25" ? ["ping", "tools/list", "resources/list"] : ["server/discover"];
        let answer: Answer = { kind: "silence", ms: 0 };
        for (const method of candidates) {
          answer = await request(method, params, options);
          if (answer.kind === "silence") continue;
          if (answer.kind !== "end") fences.set(revision, method);
          break;
        }
        return answer;
      },
    };
    return ready;
  }

  return {
    startTimeoutMs,
    patienceMs,
    sessions,
    greetings,
    get current() {
      return current;
    },
    fresh,
    freshPeer,
    async peer(revision) {
      const isSound = ready?.revision === revision && ready.session.end === undefined && !ready.session.isDoubtful;
      return isSound && ready ? ready : freshPeer(revision);
    },
    async [Symbol.asyncDispose]() {
      await current?.close();
    },
  };
}
