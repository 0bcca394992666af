import { ProtocolError, ProtocolErrorCode } from "@modelcontextprotocol/server";

/** A list's position as clients see it. */
export function listCursor(position: readonly (string | number)[]): string {
  return Buffer.from(JSON.stringify(position)).toString("base64url");
}

/** @throws ProtocolError -32602 for anything that {@link listCursor} did not make */
export function readListCursor(cursor: string): readonly (string | number)[] {
  try {
    const position: unknown = JSON.parse(Buffer.from(cursor, "base64url").toString("utf8"));
    if (Array.isArray(position) && position.every((part) => typeof part === "string" || typeof part === "number"))
      return position as (string | number)[];
  } catch {
    // falls through to the one answer
  }
  throw new ProtocolError(ProtocolErrorCode.InvalidParams, "Invalid cursor");
}
