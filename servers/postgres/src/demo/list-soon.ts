import type { ResourcePage } from "@mooring/core";
import { catalogOf } from "../catalog/catalog.ts";
import type { Deps } from "../tool.ts";

/** How long a list may take, in milliseconds: hosts ask for it when they start, and give up after a few seconds. */
const PATIENCE = 1_500;

type List = (cursor: string | undefined, context: never) => Promise<ResourcePage> | ResourcePage;

/**
 * Makes lists of a database that takes seconds to start answer soon: one that takes too long is empty, and clients hear that
 * lists have changed when the database is there.
 */
export function listSoon(patience: number = PATIENCE): (list: List) => List {
  let starting: Promise<void> | undefined;

  async function start({ boot, databases }: Deps): Promise<void> {
    // What keeps it from starting, whoever calls a tool is told.
    await boot?.(() => {}).catch(() => {});
    starting = undefined;
    for (const name of databases.names) catalogOf(databases.get(name)).changed();
  }

  return (list) =>
    async (cursor, context): Promise<ResourcePage> => {
      const listed = Promise.resolve(list(cursor, context));
      // One answer has several lists, and waits once.
      const found = await Promise.race([listed, after(starting ? 0 : patience)]);
      if (found) return found;
      listed.catch(() => {});
      starting ??= start(context);
      return { resources: [] };
    };
}

function after(ms: number): Promise<undefined> {
  return new Promise((resolve) => void setTimeout(() => resolve(undefined), ms).unref());
}
