import { join } from "node:path";
import * as z from "zod";
import type { Credential } from "./credentials.ts";
import { stateFile, type WarnLog } from "./state.ts";

/**
 * What a service said that a credential may do, from one run to the next, in the state folder: tools that it cannot serve are
 * left out of a list that must not wait for the network. Credentials are told apart by {@link Credential.key}.
 */
export interface ScopeMemory {
  /** The scopes of an earlier run; `undefined` when the service was never asked. Never rejects. */
  recall(credential: Credential): Promise<readonly string[] | undefined>;
  /** Keeps them for the next run; costs nothing when they are known. Never rejects: a folder that cannot be written only warns. */
  remember(credential: Credential, scopes: readonly string[]): Promise<void>;
}

/** Rotated tokens leave theirs behind: the oldest go first. */
const MOST = 32;
const Content = z.object({
  credentials: z.record(z.string(), z.object({ scopes: z.array(z.string()), at: z.number() })),
});

/** The memory in `stateDir`; the file is made when something is first remembered. */
export function scopeMemory(stateDir: string, log: WarnLog): ScopeMemory {
  const file = stateFile({
    path: join(stateDir, "scopes.json"),
    version: 1,
    parse: (value) => Content.parse(value),
    log,
  });
  const known = new Map<string, string>();
  const warn = (error: unknown) =>
    log.warn(`Scopes are not remembered: ${error instanceof Error ? error.message : String(error)}`);
  return {
    async recall({ key }) {
      if (key === undefined) return undefined;
      try {
        const scopes = (await file.read())?.credentials[key]?.scopes;
        if (scopes) known.set(key, textOf(scopes));
        return scopes;
      } catch (error) {
        warn(error);
        return undefined;
      }
    },
    async remember({ key }, scopes) {
      if (key === undefined || known.get(key) === textOf(scopes)) return;
      known.set(key, textOf(scopes));
      try {
        await file.update((current) => {
          const others = Object.entries(current?.credentials ?? {})
            .filter(([other]) => other !== key)
            .toSorted(([, a], [, b]) => b.at - a.at)
            .slice(0, MOST - 1);
          return { credentials: Object.fromEntries([[key, { scopes: [...scopes], at: Date.now() }], ...others]) };
        });
      } catch (error) {
        warn(error);
      }
    },
  };
}

function textOf(scopes: readonly string[]): string {
  return scopes.toSorted().join(" ");
}
