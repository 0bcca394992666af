import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import { canonical } from "./canonical.ts";
import { ToolError } from "./errors.ts";

/** Positions that a client hands back with its next call: signed and bound to that call, but readable, so never a secret. */
export interface Cursors<Position> {
  /** `bound` is what the position belongs to, as data: `{ principal, sql, params }`. The shorter the position, the fewer tokens. */
  seal(position: Position, bound: unknown): string;
  /** @throws ToolError `invalid_input` for a cursor that was not made with this key for the same `bound` */
  open(cursor: string, bound: unknown): Position;
}

/** 128 bits: nobody can try that many, and each byte costs tokens. */
const MAC_BYTES = 16;

/**
 * Cursors for tools that go on where they stopped. `key` has at least 32 bytes and is shared by replicas; left out, it is
 * random, and cursors end with the process. (HMAC-SHA-256, RFC 2104, over the position and what it is bound to.)
 * @throws RangeError for a shorter key
 */
export function createCursors<Position>(key: Uint8Array | string = randomBytes(32)): Cursors<Position> {
  if (Buffer.byteLength(key) < 32) throw new RangeError("A key for cursors has at least 32 bytes.");
  const mac = (body: string, bound: unknown) =>
    createHmac("sha256", key)
      .update(canonical([body, bound]))
      .digest()
      .subarray(0, MAC_BYTES);
  return {
    seal(position, bound) {
      const body = Buffer.from(JSON.stringify(position)).toString("base64url");
      return `${body}.${mac(body, bound).toString("base64url")}`;
    },
    open(cursor, bound) {
      const [body = "", signature = "", ...rest] = cursor.split(".", 3);
      const given = Buffer.from(signature, "base64url");
      if (rest.length > 0 || given.length !== MAC_BYTES || !timingSafeEqual(given, mac(body, bound)))
        throw new ToolError(
          "invalid_input",
          "The cursor does not belong to this call: its other arguments differ, or the server was restarted.",
          { hint: "Repeat the call that gave it, or leave the cursor out to start again." },
        );
      // What was signed here was made here.
      return JSON.parse(Buffer.from(body, "base64url").toString("utf8")) as Position;
    },
  };
}
