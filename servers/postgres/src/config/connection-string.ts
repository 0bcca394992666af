import { isConnectionUri, parseConnectionUri } from "./connection-uri.ts";
import { parseConnectionKeywords } from "./connection-keywords.ts";
import type { Parameters } from "./parameters.ts";

/**
 * Either form of libpq's connection string. `where` names the setting it stands in. Throws `unavailable` saying what is wrong
 * without a value, since any part may be a misplaced password.
 */
export function parseConnectionString(text: string, where: string): Parameters {
  const trimmed = text.trim();
  return isConnectionUri(trimmed) ? parseConnectionUri(trimmed, where) : parseConnectionKeywords(trimmed, where);
}
