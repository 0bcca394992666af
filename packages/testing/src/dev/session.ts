import { type List, listNames, lists } from "./answers.ts";
import {
  type Fields,
  fieldsOf,
  type Message,
  type Notification,
  type Request,
  type RequestId,
  toLine,
} from "./message.ts";

export const LISTEN = "subscriptions/listen";
const SUBSCRIPTION_ID = "io.modelcontextprotocol/subscriptionId";

/** A stream of 2026: goes on from version to version under the id of its request. */
export interface Listen {
  readonly request: Request;
  readonly line: Buffer;
  /** What was asked for. */
  readonly filter: Fields;
  acknowledged: boolean;
}

/** What the client has set up on its connection, and a new version of the server must be told. */
export interface Session {
  /** `notifications/initialized`, once it was sent. */
  initialized: Buffer | undefined;
  /** Parameters of `logging/setLevel`. */
  level: Fields | undefined;
  /** Parameters of `resources/subscribe`, by URI. */
  readonly followed: Map<string, Fields>;
  readonly listens: Map<RequestId, Listen>;
  /** Lists that the client was told may change, by the answer to its `initialize`. */
  changing: readonly List[];
}

export function createSession(): Session {
  return { initialized: undefined, level: undefined, followed: new Map(), listens: new Map(), changing: [] };
}

/** Remembers a request that is on its way. At once: it must not be lost to a version that starts before it is answered. */
export function rememberRequest(session: Session, request: Request, line: Buffer): void {
  const { method, id, params = {} } = request;
  const { uri } = params;
  if (method === "logging/setLevel") session.level = params;
  else if (method === "resources/subscribe" && typeof uri === "string") session.followed.set(uri, params);
  else if (method === "resources/unsubscribe" && typeof uri === "string") session.followed.delete(uri);
  else if (method === LISTEN)
    session.listens.set(id, { request, line, filter: fieldsOf(params, "notifications") ?? {}, acknowledged: false });
}

/** What was refused is not asked for again. */
export function rememberAnswer(session: Session, { method, params = {} }: Request, { result, error }: Message): void {
  if (error && method === "resources/subscribe") session.followed.delete(String(params["uri"]));
  if (error && method === "logging/setLevel") session.level = undefined;
  const capabilities = fieldsOf(result, "capabilities");
  if (method === "initialize" && capabilities)
    session.changing = listNames.filter((name) => fieldsOf(capabilities, name));
}

export function subscriptionOf({ params }: Notification): RequestId | undefined {
  return fieldsOf(params, "_meta")?.[SUBSCRIPTION_ID] as RequestId | undefined;
}

/** The lists that a stream wants to hear of. A server that never changes its own does not offer that; a saved file does. */
export function wantedLists({ filter }: Listen): List[] {
  return listNames.filter((name) => filter[lists[name]] === true);
}

/** The acknowledgement of a stream with what is added to it here. */
export function acknowledged(listen: Listen, message: Notification): Buffer {
  const added = Object.fromEntries(wantedLists(listen).map((name) => [lists[name], true]));
  const notifications = { ...fieldsOf(message.params, "notifications"), ...added };
  return toLine({ ...message, params: { ...message.params, notifications } });
}

/** The lines that tell the client to ask again for every list it may know. */
export function listsChanged(session: Session): Buffer[] {
  const unasked = session.initialized ? session.changing.map((name) => changed(name)) : [];
  const asked = [...session.listens.values()]
    .filter((listen) => listen.acknowledged)
    .flatMap((listen) => wantedLists(listen).map((name) => changed(name, listen.request.id)));
  return [...unasked, ...asked];
}

function changed(name: List, subscription?: RequestId): Buffer {
  return toLine({ method: `notifications/${name}/list_changed`, ...tagged({}, subscription) });
}

/** A followed resource comes from other code now, and what changed while the versions changed was told to nobody. */
export function resourceUpdated(uri: string, subscription?: RequestId): Buffer {
  return toLine({ method: "notifications/resources/updated", ...tagged({ uri }, subscription) });
}

function tagged(params: Fields, subscription: RequestId | undefined): { params?: Fields } {
  if (subscription !== undefined) return { params: { ...params, _meta: { [SUBSCRIPTION_ID]: subscription } } };
  return Object.keys(params).length > 0 ? { params } : {};
}
