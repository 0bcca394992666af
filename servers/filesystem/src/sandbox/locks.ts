import type { Gate } from "./gate.ts";
import { toBytes } from "./names.ts";
import type { Pin } from "./pin.ts";
import type { Place, Sandbox } from "./sandbox.ts";

/**
 * One change at a time for each object, known by its real path and by device and inode: a replaced file keeps the path and
 * loses the inode, a second hard link has the inode and another path.
 */
export function createLocks(gate: Gate): Sandbox["lock"] {
  const tails = new Map<string, Promise<void>>();

  return async (places, work) => {
    const keys = new Set(places.flatMap((place) => keysOf(gate, place)));
    const before = new Set<Promise<void>>();
    let release: () => void = () => {};
    const done = new Promise<void>((resolve) => (release = resolve));
    // Joining all queues in one step is what keeps two calls from waiting for each other.
    for (const key of keys) {
      const tail = tails.get(key);
      if (tail) before.add(tail);
      tails.set(key, done);
    }
    try {
      if (before.size > 0) await Promise.all(before);
      return await work();
    } finally {
      release();
      for (const key of keys) if (tails.get(key) === done) tails.delete(key);
    }
  };
}

function keysOf(gate: Gate, place: Place): string[] {
  const keys: string[] = [];
  const target = tryPin(() => gate.open(place, { follow: true }));
  if (target) {
    const { dev, ino } = target.stats();
    keys.push(`name ${target.real}`, `inode ${dev}:${ino}`);
    target.close();
  }
  keys.push(`name ${ownName(gate, place)}`);
  return keys;
}

// Of the link itself, or of what is missing.
function ownName(gate: Gate, place: Place): string {
  const { separator } = gate.pins;
  const name = place.components.at(-1);
  const parentPlace = { root: place.root, components: place.components.slice(0, -1), shown: place.shown };
  const parent = name === undefined ? undefined : tryPin(() => gate.open(parentPlace, { follow: true }));
  if (parent && name !== undefined) {
    parent.close();
    return (parent.real.endsWith(separator) ? parent.real : parent.real + separator) + toBytes(name);
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
