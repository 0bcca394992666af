import type { CatalogItem, Scope } from "./catalog-state.ts";
import { catalogFrom, compare, objectOf } from "./diff.ts";
import { fingerprintOf } from "./fingerprint.ts";
import type { Trace } from "./run-steps.ts";

/** What a preview stands for: what the migration touches, as it was, and what it makes of it. */
export interface Bond {
  readonly scope: Scope;
  /** Of what was there before. */
  readonly fingerprint: string;
  /** The whole difference, line by line. */
  readonly changes: readonly string[];
  /** How many things were touched that are neither in the state before nor in the one after: helpers made and dropped. */
  readonly unseen: number;
}

/** `before` is the state of `scope`, and of nothing else, before the first statement. */
export function bondOf(scope: Scope, before: readonly CatalogItem[], traces: readonly Trace[]): Bond {
  const catalog = catalogFrom(before);
  for (const trace of traces) catalog.advance(trace.state, trace.scope);
  const after = catalog.items();
  return {
    scope,
    fingerprint: fingerprintOf(before),
    changes: compare(before, after).lines,
    unseen: unseenOf(scope, [...before, ...after]),
  };
}

/** Whether two runs did the same, as far as the catalog shows. */
export function didTheSame(a: Bond, b: Bond): boolean {
  return a.unseen === b.unseen && a.changes.join("\n") === b.changes.join("\n");
}

// What was dropped and was not known before leaves nothing but its number: a table made since the preview.
function unseenOf({ relations, objects }: Scope, known: readonly CatalogItem[]): number {
  const seen = new Set(
    known.flatMap(({ key, relid }) => {
      const [first = "", oid = "", index = ""] = key.split(":");
      return [first === "r" || first === "i" ? oid : index, relid ?? "", objectOf(key)];
    }),
  );
  return [...relations, ...objects].filter((id) => !seen.has(id)).length;
}
