import type { Value } from "../row-set.ts";

// Messages of the extended protocol, unnamed portal, everything as text. Written here and not by the driver so that a flush is
// one buffer: a dozen small ones cost the system call more than the server takes for the statement.
// https://www.postgresql.org/docs/current/protocol-message-formats.html

/** Parses `text` as the prepared statement `name`; the unnamed one for an empty name. */
export function parse(text: string, name = ""): Buffer {
  const [nameBytes, textBytes] = [Buffer.byteLength(name), Buffer.byteLength(text)];
  const message = header("P", nameBytes + 1 + textBytes + 1 + 2);
  let at = 5 + message.write(name, 5);
  message[at++] = 0;
  at += message.write(text, at);
  message[at++] = 0;
  // No types of parameters: the server finds them.
  message.writeInt16BE(0, at);
  return message;
}

/** Binds values to the prepared statement `name`. */
export function bind(values: readonly Value[] = [], name = ""): Buffer {
  const nameBytes = Buffer.byteLength(name);
  const lengths = values.map((value) => (value === null ? -1 : Buffer.byteLength(value)));
  const body = lengths.reduce((sum, length) => sum + 4 + Math.max(0, length), 0);
  const message = header("B", 1 + nameBytes + 1 + 2 + 2 + body + 2);
  let at = 5;
  message[at++] = 0;
  at += message.write(name, at);
  message[at++] = 0;
  at = message.writeInt16BE(0, at);
  at = message.writeInt16BE(values.length, at);
  for (const [i, value] of values.entries()) {
    at = message.writeInt32BE(lengths[i] ?? -1, at);
    if (value !== null) at += message.write(value, at);
  }
  message.writeInt16BE(0, at);
  return message;
}

/** Runs what was bound; stops after so many rows, 0 for none. */
export function execute(rows = 0): Buffer {
  const message = header("E", 5);
  message[5] = 0;
  message.writeInt32BE(rows, 6);
  return message;
}

/** Asks for the columns of what was bound. */
export const describe: Buffer = Buffer.from([0x44, 0, 0, 0, 6, 0x50, 0]);
export const sync: Buffer = Buffer.from([0x53, 0, 0, 0, 4]);

function header(code: string, bytes: number): Buffer {
  const message = Buffer.allocUnsafe(5 + bytes);
  message.write(code, 0, "latin1");
  message.writeInt32BE(4 + bytes, 1);
  return message;
}
