import { createHash, randomBytes } from "node:crypto";
import { ToolError } from "@mooring/core";

/** How long a preview may be applied, in milliseconds. */
export const TOKEN_TTL = 15 * 60_000;
/** Previews that are remembered; the oldest go first. */
const REMEMBERED = 200;

/** What a token belongs to: the text as it was given, the database, who asked. */
export interface Owner {
  readonly sql: string;
  readonly database: string;
  readonly principal: string;
}

/** Tokens of previews: 128 random bits, so nobody makes one up; bound to their owner, usable once, and forgotten in time. */
export interface Tokens<Kept> {
  issue(owner: Owner, kept: Kept): string;
  /** @throws ToolError `invalid_input` for a token of nothing or of something else */
  find(token: string, owner: Owner): Kept;
  /** The same, and it is used up. */
  take(token: string, owner: Owner): Kept;
}

export function createTokens<Kept>(now: () => number = Date.now): Tokens<Kept> {
  const previews = new Map<string, { readonly owner: string; readonly until: number; readonly kept: Kept }>();
  const ownerOf = ({ sql, database, principal }: Owner) =>
    createHash("sha256")
      .update(JSON.stringify([sql, database, principal]))
      .digest("base64url");

  function find(token: string, owner: Owner): Kept {
    const found = previews.get(token);
    if (!found || found.until <= now())
      throw new ToolError(
        "invalid_input",
        "No preview has this token: it was used, is older than 15 minutes, or the server was restarted.",
        { hint: "Call again without `apply`, and use the token of that answer." },
      );
    if (found.owner !== ownerOf(owner))
      throw new ToolError("invalid_input", "The token belongs to a preview of another text or database.", {
        hint: "Give exactly the SQL that was previewed, or preview this one.",
      });
    return found.kept;
  }

  return {
    issue(owner, kept) {
      const at = now();
      for (const [token, { until }] of previews) if (until <= at) previews.delete(token);
      if (previews.size >= REMEMBERED) previews.delete(previews.keys().next().value as string);
      const token = randomBytes(16).toString("base64url");
      previews.set(token, { owner: ownerOf(owner), until: at + TOKEN_TTL, kept });
      return token;
    },
    find,
    take(token, owner) {
      const kept = find(token, owner);
      previews.delete(token);
      return kept;
    },
  };
}
