import { behind, comparePositions, type Position, type Range } from "./position.ts";
import { type Found, type JobSpec, nothingSkipped, type Skipped, unpackNames } from "./protocol.ts";

/** More results than this, beside those of two pages, are cut down to a page. */
const PRUNE_ABOVE = 2000;

/**
 * The state of one search, apart from threads: which parts of the walk wait, which are under way and how far, what was
 * found, and how much of that nothing can precede any more. Only that is given out, so pages neither miss nor repeat.
 */
export interface Job {
  readonly spec: JobSpec;
  readonly skipped: Skipped;
  /** Takes the first waiting part. */
  take(worker: number): Range | undefined;
  donated(range: Range): void;
  found(worker: number, found: readonly Found[] | string, position: Position): void;
  done(
    worker: number,
    result: { found: readonly Found[] | string; skipped: Skipped; left: readonly Range[]; capped: boolean },
  ): void;
  /** Parts that wait for a thread. */
  waiting(): number;
  /** Threads at work on it. */
  active(): number;
  /** Where the first thing that is not done begins; `undefined` when all is done. */
  frontier(): Position | undefined;
  /** Nothing the thread may still find can be on the page. */
  useless(worker: number): boolean;
  /** More than `limit` results are certain, or nothing is left to do. */
  complete(limit: number): boolean;
  /** What is certain, in order. */
  settled(): Found[];
}

export function createJob(spec: JobSpec, ranges: readonly Range[]): Job {
  const skipped = nothingSkipped();
  let found: Found[] = [];
  let queue: Range[] = [...ranges];
  const underWay = new Map<number, Position>();
  /** From here on nobody looks: a thread had found more than enough before it. */
  let horizon: Position | undefined;

  const enqueue = (more: readonly Range[]) => {
    queue = [...queue, ...more]
      .filter((range) => !horizon || comparePositions(range, horizon) < 0)
      .toSorted(comparePositions);
  };

  function add(worker: number, more: readonly Found[] | string): void {
    const list = typeof more === "string" ? unpackNames(underWay.get(worker)?.root ?? 0, more) : more;
    for (const one of list) found.push(one);
    if (found.length > 2 * spec.enough + PRUNE_ABOVE) prune();
  }

  // Threads far ahead may find a lot before the first part is done: only what can be on the page is kept.
  function prune(): void {
    found = found.toSorted(compareFound).slice(0, spec.enough + 1);
    const last = found.at(-1);
    if (!last) return;
    const { root, key, line } = last;
    cutAt(line === undefined ? behind(root, key) : { root, key, resume: { line, count: 0 } });
  }

  function cutAt(position: Position): void {
    if (!horizon || comparePositions(position, horizon) < 0) horizon = position;
    enqueue([]);
  }

  function frontier(): Position | undefined {
    let first = horizon;
    for (const position of [...queue, ...underWay.values()])
      if (!first || comparePositions(position, first) < 0) first = position;
    return first && { root: first.root, key: first.key, ...(first.resume ? { resume: first.resume } : {}) };
  }

  function isSettled(one: Found, first: Position): boolean {
    if (one.root !== first.root) return one.root < first.root;
    if (one.key !== first.key) return one.key < first.key;
    return one.line !== undefined && first.resume !== undefined && one.line <= first.resume.line;
  }

  function settled(): Found[] {
    const first = frontier();
    return (first ? found.filter((one) => isSettled(one, first)) : found).toSorted(compareFound);
  }

  return {
    spec,
    skipped,
    take(worker) {
      const range = queue.shift();
      if (range) underWay.set(worker, range);
      return range;
    },
    donated: (range) => enqueue([range]),
    found(worker, more, position) {
      add(worker, more);
      underWay.set(worker, position);
    },
    done(worker, result) {
      add(worker, result.found);
      underWay.delete(worker);
      for (const [reason, count] of Object.entries(result.skipped)) skipped[reason as keyof Skipped] += count;
      const [first] = result.left;
      if (result.capped && first) cutAt(first);
      else enqueue(result.left);
    },
    useless(worker) {
      const position = underWay.get(worker);
      return position !== undefined && horizon !== undefined && comparePositions(position, horizon) >= 0;
    },
    waiting: () => queue.length,
    active: () => underWay.size,
    frontier,
    complete(limit) {
      if (queue.length === 0 && underWay.size === 0) return true;
      const first = frontier();
      if (found.length <= limit || !first) return false;
      let certain = 0;
      for (const one of found) if (isSettled(one, first) && ++certain > limit) return true;
      return false;
    },
    settled,
  };
}

function compareFound(a: Found, b: Found): number {
  return comparePositions(a, b) || (a.line ?? 0) - (b.line ?? 0);
}
