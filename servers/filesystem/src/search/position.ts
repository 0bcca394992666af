import type { Resume } from "./content.ts";

/**
 * A path as one string that sorts as a walk goes: names joined by NUL, so that a directory comes right before what is in it,
 * and before its longer neighbours (`a`, `a/x`, `a-b`).
 */
export type Key = string;

/** A place in the order of results: everything before it is done. */
export interface Position {
  /** Index of the searched directory. */
  readonly root: number;
  readonly key: Key;
  /** Inside the file `key`. */
  readonly resume?: Resume | undefined;
}

/** A part of the walk: from a position up to a key of the same root, exclusive. */
export interface Range extends Position {
  readonly end?: Key | undefined;
}

export const START: Position = { root: 0, key: "" };

/** The first position behind an entry and before what is below it. */
export function behind(root: number, key: Key): Position {
  return { root, key: `${key}\0` };
}

export function comparePositions(a: Position, b: Position): number {
  if (a.root !== b.root) return a.root - b.root;
  if (a.key !== b.key) return a.key < b.key ? -1 : 1;
  return (a.resume?.line ?? 0) - (b.resume?.line ?? 0);
}
