import type { CatalogItem, Scope } from "./catalog-state.ts";
import { catalogFrom, compare } from "./diff.ts";
import { fingerprintOf } from "./fingerprint.ts";
import type { Trace } from "./run-steps.ts";

/** What a preview stands for: what the migration touches, as it was, and what it makes of it. */
export interface Bond {
  readonly scope: Scope;
  /** Of what was there before. */
  readonly fingerprint: string;
  /** The whole difference, line by line. */
  readonly changes: readonly string[];
}

/** `before` is the state of `scope`, and of nothing else, before the first statement. */
export function bondOf(scope: Scope, before: readonly CatalogItem[], traces: readonly Trace[]): Bond {
  const catalog = catalogFrom(before);
  for (const trace of traces) catalog.advance(trace.state, trace.scope);
  return { scope, fingerprint: fingerprintOf(before), changes: compare(before, catalog.items()).lines };
}
