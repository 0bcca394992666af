import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { ToolError } from "./errors.ts";
import { stateFile, type WarnLog } from "./state.ts";

/** What `login` got from an authorization server (RFC 6749 §5.1). */
export interface StoredToken {
  readonly accessToken: string;
  readonly refreshToken?: string | undefined;
  /** Milliseconds since the epoch. */
  readonly expiresAt?: number | undefined;
  readonly scopes?: readonly string[] | undefined;
  /** The client the token was issued to; only that one may refresh it. */
  readonly clientId: string;
  /** Where it was issued: a refresh token is never sent anywhere else. */
  readonly tokenEndpoint: string;
}

/** Names a token: a service, and one of its accounts where a person has several. */
export interface TokenKey {
  readonly service: string;
  readonly account?: string | undefined;
}

/** Tokens in the state folder, one file (0600) per service and account, shared by all processes of a server. */
export interface TokenStore {
  has(key: TokenKey): boolean;
  read(key: TokenKey): Promise<StoredToken | undefined>;
  write(key: TokenKey, token: StoredToken): Promise<void>;
  /** True when there was one. */
  remove(key: TokenKey): Promise<boolean>;
  /**
   * Replaces a token whose access token is `stale` by what `renew` gets for it, once across processes: who comes second
   * gets what the first one stored. Throws `unauthenticated` when there is no token, and what `renew` throws.
   */
  refresh(key: TokenKey, stale: string, renew: (token: StoredToken) => Promise<StoredToken>): Promise<StoredToken>;
}

export interface TokenStoreOptions {
  readonly log?: WarnLog | undefined;
  /** Gets every token as soon as it is known, so that it can be masked everywhere. */
  readonly onSecret: (value: string) => void;
}

/** The tokens below a state folder; the folder is made when the first one is written. */
export function createTokenStore(stateDir: string, { log, onSecret }: TokenStoreOptions): TokenStore {
  const pathOf = ({ service, account = "" }: TokenKey) =>
    join(stateDir, "tokens", `${readable(service)}-${readable(account) || "default"}-${digest(service, account)}.json`);
  const fileOf = (key: TokenKey) =>
    stateFile({ path: pathOf(key), version: 1, parse: parseToken, log, lock: { waitMs: 20_000 } });

  function known(token: StoredToken): StoredToken;
  function known(token: StoredToken | undefined): StoredToken | undefined;
  function known(token: StoredToken | undefined): StoredToken | undefined {
    if (token) for (const secret of [token.accessToken, token.refreshToken]) if (secret) onSecret(secret);
    return token;
  }

  return {
    has: (key) => existsSync(pathOf(key)),
    read: async (key) => known(await fileOf(key).read()),
    write: (key, token) => fileOf(key).write(known(token)),
    async remove(key) {
      let existed = false;
      await fileOf(key).update((token) => {
        existed = token !== undefined;
        return undefined;
      });
      return existed;
    },
    async refresh(key, stale, renew) {
      const token = await fileOf(key).update(async (current) => {
        if (!current || known(current).accessToken !== stale) return current;
        return known(await renew(current));
      });
      if (!token) throw new ToolError("unauthenticated", `There is no stored login for ${key.service}.`);
      return token;
    },
  };
}

function readable(text: string): string {
  return text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "_")
    .slice(0, 40);
}

// Different accounts may read the same once they are made readable.
function digest(service: string, account: string): string {
  return createHash("sha256")
    .update(JSON.stringify([service, account]))
    .digest("hex")
    .slice(0, 12);
}

function parseToken(value: unknown): StoredToken {
  const { accessToken, refreshToken, expiresAt, scopes, clientId, tokenEndpoint } = value as Partial<
    Record<keyof StoredToken, unknown>
  >;
  if (typeof accessToken !== "string" || typeof clientId !== "string" || typeof tokenEndpoint !== "string")
    throw new Error("not a token");
  return {
    accessToken,
    clientId,
    tokenEndpoint,
    ...(typeof refreshToken === "string" && { refreshToken }),
    ...(typeof expiresAt === "number" && { expiresAt }),
    ...(Array.isArray(scopes) && { scopes: scopes.filter((scope) => typeof scope === "string") }),
  };
}
