import type { Gate } from "./gate.ts";
import { toBytes } from "./names.ts";
import { type Pin, realOf, withSeparator } from "./pin.ts";
import type { Place, Sandbox } from "./sandbox.ts";

/** What one call changes, or waits to change. */
interface Claim {
  /** Real paths, each with a final separator. */
  readonly paths: ReadonlySet<string>;
  /** The paths of all directories that they lie in. */
  readonly above: ReadonlySet<string>;
  /** Device and inode: a second hard link has another path. */
  readonly inodes: ReadonlySet<string>;
  readonly done: Promise<void>;
}

/**
 * One change at a time for each object, and for a directory and what is in it: what is written into a directory while it is
 * being deleted would be gone without having been kept.
 */
export function createLocks(gate: Gate): Sandbox["lock"] {
  const claims = new Set<Claim>();

  return async (places, work) => {
    const { promise: done, resolve: release } = Promise.withResolvers<void>();
    const claim = claimOf(gate, places, done);
    const before = [...claims].filter((other) => collide(claim, other)).map((other) => other.done);
    // Joining all queues in one step is what keeps two calls from waiting for each other.
    claims.add(claim);
    try {
      if (before.length > 0) await Promise.all(before);
      return await work();
    } finally {
      claims.delete(claim);
      release();
    }
  };
}

// By sets: hundreds of calls may wait with hundreds of paths each.
function collide(a: Claim, b: Claim): boolean {
  for (const inode of a.inodes) if (b.inodes.has(inode)) return true;
  for (const path of a.paths) if (b.paths.has(path) || b.above.has(path)) return true;
  for (const path of b.paths) if (a.above.has(path)) return true;
  return false;
}

function claimOf(gate: Gate, places: readonly Place[], done: Promise<void>): Claim {
  const { separator } = gate.pins;
  const paths = new Set<string>();
  const above = new Set<string>();
  const inodes = new Set<string>();
  const add = (real: string) => {
    const path = withSeparator(real, separator);
    paths.add(path);
    for (let at = path.lastIndexOf(separator, path.length - 2); at >= 0; at = path.lastIndexOf(separator, at - 1)) {
      above.add(path.slice(0, at + 1));
      if (at === 0) break;
    }
  };
  for (const place of places) {
    const target = tryPin(() => gate.open(place, { follow: true }));
    if (target) {
      const { dev, ino } = target.stats();
      add(target.real);
      inodes.add(`${dev}:${ino}`);
      target.close();
    }
    add(ownName(gate, place));
  }
  return { paths, above, inodes, done };
}

// Of the link itself, or of what is missing.
function ownName(gate: Gate, place: Place): string {
  const { separator } = gate.pins;
  const name = place.components.at(-1);
  const parentPlace = { root: place.root, components: place.components.slice(0, -1), shown: place.shown };
  const parent = name === undefined ? undefined : tryPin(() => gate.open(parentPlace, { follow: true }));
  if (parent && name !== undefined) {
    parent.close();
    return realOf(parent, name, separator);
  }
  const root = gate.roots.find(({ root: { id } }) => id === place.root.id);
  return `${root?.prefix ?? ""}${toBytes(place.components.join(separator))}`;
}

function tryPin(open: () => Pin): Pin | undefined {
  try {
    return open();
  } catch {
    return undefined;
  }
}
