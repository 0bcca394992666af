import { fieldsOf, type Message, type Notification, type Request, type RequestId, toLine } from "./message.ts";
import type { Version } from "./version.ts";

interface Question {
  readonly version: Version;
  readonly id: RequestId;
  readonly progressToken: unknown;
}

/**
 * Requests of servers to the client (elicitation, ping). Each version counts from 0, so they get numbers of this connection,
 * never used again: a late answer to an old version must not reach the new one.
 */
export interface Questions {
  /** The line to the client. */
  ask(version: Version, request: Request, line: Buffer): Buffer;
  /** Takes the client's answer, or its progress, to whoever asked. */
  answer(message: Message, line: Buffer): void;
  progress(message: Notification, line: Buffer): boolean;
  /** A version takes a question back. The line to the client, or nothing where it has been answered. */
  withdraw(version: Version, message: Notification): Buffer | undefined;
  /** A version is gone: what tells the client that nobody waits any more. */
  close(version: Version): Buffer[];
}

export function createQuestions(): Questions {
  const open = new Map<RequestId, Question>();
  let next = 0;
  return {
    ask(version, request, line) {
      const id = next++;
      const meta = fieldsOf(request.params, "_meta");
      const progressToken = meta?.["progressToken"];
      open.set(id, { version, id: request.id, progressToken });
      if (id === request.id && (progressToken === undefined || progressToken === id)) return line;
      const params =
        progressToken === undefined ? {} : { params: { ...request.params, _meta: { ...meta, progressToken: id } } };
      return toLine({ ...request, id, ...params });
    },
    answer(message, line) {
      const question = open.get(message.id as RequestId);
      if (!question) return;
      open.delete(message.id as RequestId);
      question.version.send(question.id === message.id ? line : toLine({ ...message, id: question.id }));
    },
    progress(message, line) {
      const token = message.params?.["progressToken"] as RequestId;
      const question = open.get(token);
      if (question?.progressToken === undefined) return false;
      const { progressToken } = question;
      question.version.send(
        progressToken === token ? line : toLine({ ...message, params: { ...message.params, progressToken } }),
      );
      return true;
    },
    withdraw(version, message) {
      for (const [id, question] of open)
        if (question.version === version && question.id === message.params?.["requestId"]) {
          open.delete(id);
          return toLine({ ...message, params: { ...message.params, requestId: id } });
        }
      return undefined;
    },
    close(version) {
      const gone = [...open].filter(([, question]) => question.version === version).map(([id]) => id);
      return gone.map((requestId) => {
        open.delete(requestId);
        const params = { requestId, reason: "The server was restarted." };
        return toLine({ method: "notifications/cancelled", params });
      });
    },
  };
}
