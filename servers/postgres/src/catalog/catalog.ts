import { abortable } from "../abortable.ts";
import type { Database } from "../database.ts";
import type { Snapshot } from "./snapshot.ts";

/** How long names are believed, in milliseconds. */
const FRESH = 30_000;
/** A snapshot serves whoever asks meanwhile, so it has a limit of its own. */
const LONGEST = 15_000;

/** The names of one database: for completions, suggestions and lists. */
export interface Catalog {
  /** Names at most 30 s old. */
  snapshot(signal: AbortSignal): Promise<Snapshot>;
  /** Tells what another look at the catalog saw; where that differs, names are read again and listeners hear of it. */
  seen(stamp: string): void;
  /** Somebody has just changed tables: names are read again when they are needed, and listeners hear of it. */
  changed(): void;
  /** Called when tables or schemas are seen to have been created, dropped or renamed. */
  onChange(listener: () => void): void;
}

const catalogs = new WeakMap<Database, Catalog>();

/** The catalog of a database: one, whoever asks. */
export function catalogOf(database: Database): Catalog {
  let catalog = catalogs.get(database);
  if (!catalog) {
    catalog = createCatalog(database);
    catalogs.set(database, catalog);
  }
  return catalog;
}

/** `now` in milliseconds. */
export function createCatalog(database: Database, now: () => number = Date.now): Catalog {
  const listeners: (() => void)[] = [];
  let held: { readonly at: number; readonly snapshot: Promise<Snapshot> } | undefined;
  let last: string | undefined;

  function changed(): void {
    held = undefined;
    for (const listener of listeners) listener();
  }

  function seen(stamp: string): void {
    const before = last;
    last = stamp;
    if (before !== undefined && before !== stamp) changed();
  }

  function take(): Promise<Snapshot> {
    const snapshot = import("./snapshot.ts").then(({ takeSnapshot }) =>
      takeSnapshot(database, AbortSignal.timeout(LONGEST)),
    );
    const mine = { at: now(), snapshot };
    held = mine;
    mine.snapshot.then(
      ({ stamp }) => {
        const isHeld = held === mine;
        seen(stamp);
        // What was just read is what there is now.
        if (isHeld) held = mine;
      },
      () => {
        if (held === mine) held = undefined;
      },
    );
    return mine.snapshot;
  }

  return {
    async snapshot(signal) {
      // One caller that leaves must not end what others wait for.
      return abortable(held && now() - held.at < FRESH ? held.snapshot : take(), signal);
    },
    seen,
    changed,
    onChange: (listener) => void listeners.push(listener),
  };
}
