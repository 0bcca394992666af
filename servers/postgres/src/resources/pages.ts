import type { Resource, ResourcePage } from "@mooring/core";
import { catalogOf } from "../catalog/catalog.ts";
import type { Snapshot } from "../catalog/snapshot.ts";
import type { Databases } from "../database.ts";

/** Resources of a page. */
const MOST = 100;

/**
 * One page over all databases: `entries` makes those of one. The cursor is `database position`, both numbers; anything else
 * begins at the start. A database that cannot be reached hides no other: it throws only where it is the only one.
 */
export async function pageOver(
  databases: Databases,
  cursor: string | undefined,
  entries: (database: string, snapshot: Snapshot) => readonly Resource[],
  signal: AbortSignal,
): Promise<ResourcePage> {
  let [at = 0, from = 0] = (/^\d{1,6} \d{1,9}$/.test(cursor ?? "") ? (cursor ?? "") : "").split(" ", 2).map(Number);
  const resources: Resource[] = [];
  for (; at < databases.names.length; at++, from = 0) {
    const database = databases.get(databases.names[at]);
    const found = await catalogOf(database)
      .snapshot(signal)
      .then((snapshot) => entries(database.name, snapshot))
      .catch((error: unknown) => {
        if (databases.names.length === 1 || signal.aborted) throw error;
        return [];
      });
    const page = found.slice(from, from + MOST - resources.length);
    resources.push(...page);
    if (from + page.length < found.length) return { resources, nextCursor: `${at} ${from + page.length}` };
  }
  return { resources };
}
