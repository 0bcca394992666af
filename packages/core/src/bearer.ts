import { createHash, timingSafeEqual } from "node:crypto";
import type { AuthInfo } from "@modelcontextprotocol/server";

/** Checks `Authorization: Bearer …` against one token in constant time. Sources: RFC 6750 §2.1. */
export function bearerCheck(token: string): (header: string | undefined) => AuthInfo | "refused" {
  const digest = (text: string) => createHash("sha256").update(text).digest();
  const expected = digest(token);
  // The token itself goes no further than this check.
  const known: AuthInfo = { token: "", clientId: `token-${expected.toString("hex").slice(0, 8)}`, scopes: [] };
  return (header) => {
    const given = /^Bearer +([^\s]+) *$/i.exec(header ?? "")?.[1];
    return given !== undefined && timingSafeEqual(digest(given), expected) ? known : "refused";
  };
}
