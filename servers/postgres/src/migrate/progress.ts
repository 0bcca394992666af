import type { CatalogRow } from "../database.ts";
import type { Outside } from "./outside.ts";

/** How far PostgreSQL is with a statement: `phase` and, of that phase, `done` of `total` and whom it waits for. */
export interface Look extends CatalogRow {
  readonly phase: string | null;
  readonly done: string | null;
  readonly total: string | null;
  readonly pid: string | null;
}

/** What of a statement's progress is asked for, and the phases in which it goes. */
export interface Following {
  /** `$1`: the process that runs it. */
  readonly sql: string;
  readonly phases: readonly string[];
}

// https://www.postgresql.org/docs/current/progress-reporting.html#CREATE-INDEX-PROGRESS-REPORTING; counters of an earlier phase stay.
const index: Following = {
  sql: `
    SELECT phase,
           CASE WHEN phase LIKE 'waiting%' THEN lockers_done WHEN phase LIKE '%loading tuples%' THEN tuples_done ELSE blocks_done END::text AS done,
           CASE WHEN phase LIKE 'waiting%' THEN lockers_total WHEN phase LIKE '%loading tuples%' THEN tuples_total ELSE blocks_total END::text AS total,
           CASE WHEN phase LIKE 'waiting%' THEN NULLIF(current_locker_pid, 0) END::text AS pid
      FROM pg_catalog.pg_stat_progress_create_index WHERE pid = $1::int`,
  phases: [
    "initializing",
    "waiting for writers before build",
    // Of B-trees; other access methods have others, or none.
    "building index: initializing",
    "building index: scanning table",
    "building index: sorting live tuples",
    "building index: sorting dead tuples",
    "building index: loading tuples in tree",
    "building index",
    "waiting for writers before validation",
    "index validation: scanning index",
    "index validation: sorting tuples",
    "index validation: scanning table",
    "waiting for old snapshots",
    "waiting for readers before marking dead",
    "waiting for readers before dropping",
  ],
};

const vacuum: Following = {
  sql: `
    SELECT phase, CASE phase WHEN 'scanning heap' THEN heap_blks_scanned WHEN 'vacuuming heap' THEN heap_blks_vacuumed END::text AS done,
           heap_blks_total::text AS total, NULL AS pid
      FROM pg_catalog.pg_stat_progress_vacuum WHERE pid = $1::int`,
  phases: [
    "initializing",
    "scanning heap",
    "vacuuming indexes",
    "vacuuming heap",
    "cleaning up indexes",
    "truncating heap",
    "performing final cleanup",
  ],
};

/** `undefined` where PostgreSQL reports nothing. */
export function followingOf({ kind }: Pick<Outside, "kind">): Following | undefined {
  if (kind === "vacuum") return vacuum;
  return kind === "create index" || kind === "reindex" ? index : undefined;
}

/** What a client is told. */
export interface Told {
  readonly done: number;
  readonly total: number;
  readonly message: string;
}

/**
 * Turns one look after the other into numbers that only grow, as the protocol has it: phases begin their counts anew, and an
 * index after the other goes through all of them.
 */
export function advancing({ phases }: Pick<Following, "phases">): (look: Look) => Told {
  let round = 0;
  let last = 0;
  return ({ phase, done, total, pid }) => {
    const at = Math.max(0, placeOf(phases, phase ?? ""));
    if (at < last) round += 1;
    last = at;
    const share = Number(total) > 0 ? Math.min(1, Number(done ?? 0) / Number(total)) : 0;
    return {
      done: round * phases.length + at + share,
      total: (round + 1) * phases.length,
      message: pid === null ? (phase ?? "") : `${phase}: process ${pid}`,
    };
  };
}

/** A phase of another access method counts as its part before the colon. */
function placeOf(phases: readonly string[], phase: string): number {
  const at = phases.indexOf(phase);
  return at >= 0 ? at : phases.indexOf(phase.split(":", 1)[0] ?? "");
}
