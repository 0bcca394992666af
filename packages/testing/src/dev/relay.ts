import { forClient } from "./answers.ts";
import {
  errorLine,
  fieldsOf,
  isNotification,
  isRequest,
  type Message,
  type Notification,
  type Request,
  type RequestId,
  toLine,
} from "./message.ts";
import { discover, type Opening } from "./opening.ts";
import { createQuestions } from "./questions.ts";
import {
  acknowledged,
  createSession,
  LISTEN,
  listsChanged,
  rememberAnswer,
  rememberRequest,
  resourceUpdated,
  subscriptionOf,
  wantedLists,
} from "./session.ts";
import type { Version } from "./version.ts";

export interface RelayOptions {
  /** Writes a line to the client. */
  client(line: Buffer): void;
  /** A line for the person. */
  say(text: string): void;
  /** A request waits because nothing serves. */
  onWaiting(): void;
  /** A version owes the client nothing any more. */
  onIdle(version: Version): void;
}

/** Which message goes where, between one client and the versions of its server. */
export interface Relay {
  /** How the next version is opened. */
  readonly opening: Opening;
  readonly waiting: number;
  fromClient(line: Buffer, message: Message | undefined): void;
  fromServer(version: Version, line: Buffer, message: Message | undefined): void;
  /** From now on this version gets what the client sends. It is told what the client has set up, and the client what may be new. */
  switchTo(version: Version): void;
  isIdle(version: Version): boolean;
  /** Answers all that a version still owes with an error; it is told nothing. */
  abandon(version: Version, reason: string): void;
  /** Answers all that waits with an error. */
  refuse(reason: string): void;
}

interface Running {
  readonly version: Version;
  readonly request: Request;
}

/** Told by a version for all its clients; only the one that serves is right about it. */
const NEWS = /^notifications\/((tools|resources|prompts)\/list_changed|resources\/updated)$/u;

export function createRelay({ client, say, onWaiting, onIdle }: RelayOptions): Relay {
  const running = new Map<RequestId, Running>();
  const questions = createQuestions();
  const session = createSession();
  let waiting: { readonly request: Request; readonly line: Buffer }[] = [];
  let serving: Version | undefined;
  let opening = discover;

  function request(message: Request, line: Buffer): void {
    if (serving) return dispatch(serving, message, line);
    waiting.push({ request: message, line });
    onWaiting();
  }

  function dispatch(version: Version, message: Request, line: Buffer): void {
    running.set(message.id, { version, request: message });
    rememberRequest(session, message, line);
    version.send(withoutForeignRound(version, message) ?? line);
  }

  function answer(version: Version, to: Request, message: Message, line: Buffer): void {
    rememberAnswer(session, to, message);
    if (to.method === "initialize" && message.result) {
      opening = { method: to.method, params: to.params ?? {} };
      // A save came in between.
      if (serving && serving !== version) void serving.ask(opening.method, opening.params);
    }
    client(forClient(to, message) ?? line);
  }

  function fromClient(line: Buffer, message: Message | undefined): void {
    if (!message) serving?.send(line);
    else if (isRequest(message)) request(message, line);
    else if (isNotification(message)) notification(message, line);
    else questions.answer(message, line);
  }

  function notification(message: Notification, line: Buffer): void {
    const { method, params } = message;
    if (method === "notifications/initialized") session.initialized = line;
    if (method === "notifications/progress" && questions.progress(message, line)) return;
    if (method !== "notifications/cancelled") return serving?.send(line);
    const id = params?.["requestId"] as RequestId;
    session.listens.delete(id);
    waiting = waiting.filter((entry) => entry.request.id !== id);
    const cancelled = running.get(id);
    if (!cancelled) return;
    cancelled.version.send(line);
    // Whether it is answered all the same is the server's choice, so nobody counts on it.
    running.delete(id);
    if (isIdle(cancelled.version)) onIdle(cancelled.version);
  }

  function fromServer(version: Version, line: Buffer, message: Message | undefined): void {
    if (!message)
      return say(`kept off the connection, since stdout is for the protocol: ${line.toString("utf8", 0, 200)}`);
    if (isRequest(message)) {
      if (version.phase !== "starting") client(questions.ask(version, message, line));
    } else if (isNotification(message)) news(version, message, line);
    else response(version, message, line);
  }

  function response(version: Version, message: Message, line: Buffer): void {
    // Of a message that could not be read.
    if (message.id === null || message.id === undefined) return client(line);
    const entry = running.get(message.id);
    // Answered with an error already, or asked again of a later version.
    if (entry?.version !== version) return;
    const to = entry.request;
    if (to.method === LISTEN && keepsListening(to, message)) return;
    running.delete(to.id);
    const state = message.result?.["requestState"];
    if (typeof state === "string") version.rounds.add(state);
    answer(version, to, message, line);
    if (isIdle(version)) onIdle(version);
  }

  // A server ends a stream that it has nothing for; a restart is still news on it.
  function keepsListening({ id }: Request, { error }: Message): boolean {
    const listen = session.listens.get(id);
    const keeps = listen?.acknowledged === true && (error !== undefined || wantedLists(listen).length > 0);
    if (keeps && error) say(`a stream of changes was refused: ${error.message}`);
    if (!keeps) session.listens.delete(id);
    return keeps;
  }

  function news(version: Version, message: Notification, line: Buffer): void {
    if (version.phase === "starting") return;
    if (message.method === "notifications/cancelled") {
      const withdrawn = questions.withdraw(version, message);
      if (withdrawn) return client(withdrawn);
      const id = message.params?.["requestId"] as RequestId;
      if (!session.listens.has(id)) return client(line);
      // The server ends a stream (2026, stdio).
      if (version === serving && running.get(id)?.version === version && session.listens.delete(id)) client(line);
      return;
    }
    if (message.method === "notifications/subscriptions/acknowledged") {
      const listen = session.listens.get(subscriptionOf(message) as RequestId);
      if (!listen || version !== serving) return;
      if (!listen.acknowledged) {
        listen.acknowledged = true;
        return client(acknowledged(listen, message));
      }
      const uris = fieldsOf(message.params, "notifications")?.["resourceSubscriptions"];
      if (Array.isArray(uris)) for (const uri of uris) client(resourceUpdated(String(uri), listen.request.id));
      return;
    }
    if (version === serving || !NEWS.test(message.method)) client(line);
  }

  function isIdle(version: Version): boolean {
    return ![...running.values()].some((entry) => entry.version === version && entry.request.method !== LISTEN);
  }

  function setUp(version: Version): void {
    if (session.initialized) version.send(session.initialized);
    if (session.level) void version.ask("logging/setLevel", session.level);
    for (const [uri, params] of session.followed)
      void version.ask("resources/subscribe", params).then(({ error }) => {
        if (error) say(`${uri} is not followed any more: ${error.message}`);
        if (error) session.followed.delete(uri);
        else if (version === serving && session.followed.has(uri)) client(resourceUpdated(uri));
      });
    for (const { request: listen, line } of session.listens.values()) {
      running.set(listen.id, { version, request: listen });
      version.send(line);
    }
  }

  return {
    get opening() {
      return opening;
    },
    get waiting() {
      return waiting.length;
    },
    fromClient,
    fromServer,
    switchTo(version) {
      if (serving) serving.phase = "old";
      serving = version;
      version.phase = "serving";
      setUp(version);
      for (const line of listsChanged(session)) client(line);
      const entries = waiting;
      waiting = [];
      for (const entry of entries) dispatch(version, entry.request, entry.line);
    },
    isIdle,
    abandon(version, reason) {
      if (serving === version) serving = undefined;
      for (const [id, entry] of running) {
        if (entry.version !== version) continue;
        running.delete(id);
        const goesOn = entry.request.method === LISTEN && session.listens.has(id);
        if (!goesOn) client(errorLine(id, reason));
      }
      for (const line of questions.close(version)) client(line);
    },
    refuse(reason) {
      const entries = waiting;
      waiting = [];
      for (const { request: to } of entries) client(errorLine(to.id, reason));
    },
  };
}

/** The answer to a question of another version, which only that could check: the call begins anew, and asks again. */
function withoutForeignRound(version: Version, message: Request): Buffer | undefined {
  const state = message.params?.["requestState"];
  if (typeof state !== "string" || version.rounds.has(state)) return undefined;
  const { requestState: _, inputResponses: __, ...params } = message.params ?? {};
  return toLine({ ...message, params });
}
