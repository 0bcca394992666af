/**
 * What the journal records. Everything here is JSON in the state folder, written by one version and read by another:
 * fields may be added, never given another meaning.
 */
import type { Rights } from "../sandbox/sandbox.ts";

/** A path below a root: the root's absolute path, then the names. Byte-exact, as the sandbox's components are. */
export type Path = readonly [root: string, ...names: string[]];

/** A content: its sha256 in hex, which is its name in the journal, and its length in bytes. */
export interface Blob {
  readonly sha: string;
  readonly size: number;
}

/** A content that is kept alone, or from `at` on in a pack of many. */
export interface Kept extends Blob {
  readonly pack?: string;
  readonly at?: number;
}

/** What stands at a place. */
export type State =
  | { readonly kind: "absent" }
  /** Without `sha`, size and time stand for the content. */
  | ({ readonly kind: "file"; readonly mtimeMs: number } & Rights &
      (Kept | { readonly size: number; readonly sha?: never }))
  | ({ readonly kind: "directory"; readonly entries: readonly (readonly [name: string, State])[] } & Rights)
  | { readonly kind: "link"; readonly target: string }
  /** A named pipe, socket or device: cannot be brought back. */
  | { readonly kind: "special" };

export const ABSENT: State = { kind: "absent" };

/** One step of a call, with what is needed to take it back. */
export type Change =
  /** `through`: `at` is a link, and the file it leads to was changed. */
  | { readonly do: "set"; readonly at: Path; readonly before: State; readonly after: State; readonly through?: true }
  /** `replaced`: what stood at `to`. `moved`: what was moved, to recognise it. */
  | {
      readonly do: "move";
      readonly from: Path;
      readonly to: Path;
      readonly replaced?: State;
      readonly moved?: Identity;
    }
  /** Takes a move back: `restore` comes to stand where the object was. */
  | {
      readonly do: "unmove";
      readonly from: Path;
      readonly to: Path;
      readonly restore?: State;
      readonly moved?: Identity;
    }
  | { readonly do: "copy"; readonly from: Path; readonly to: Path; readonly replaced: State; readonly after: State }
  /** `length` bytes, kept as `sha`, added to a file of `size` bytes; and their removal. */
  | {
      readonly do: "append" | "truncate";
      readonly at: Path;
      readonly size: number;
      readonly length: number;
      readonly sha: string;
    }
  /** A directory that was made; taking it back removes it if it is empty. */
  | { readonly do: "make" | "unmake"; readonly at: Path };

/** Which object it is, without reading it. Times in milliseconds. */
export interface Identity {
  readonly kind: string;
  readonly size: number;
  readonly mtimeMs: number;
}

/** One call that changed something. */
export interface Entry {
  /** Sortable by time. */
  readonly id: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly tool: string;
  readonly changes: readonly Change[];
  /** The entry that this one took back. */
  readonly undoes?: string;
}

/** The change that takes a change back. */
export function inverse(change: Change): Change {
  switch (change.do) {
    case "set":
      return { ...change, before: change.after, after: change.before };
    case "move": {
      const { from, to, replaced, moved } = change;
      return { do: "unmove", from: to, to: from, ...(replaced && { restore: replaced }), ...(moved && { moved }) };
    }
    case "unmove": {
      const { from, to, restore, moved } = change;
      return { do: "move", from: to, to: from, ...(restore && { replaced: restore }), ...(moved && { moved }) };
    }
    case "copy":
      return { do: "set", at: change.to, before: change.after, after: change.replaced };
    case "append":
      return { ...change, do: "truncate" };
    case "truncate":
      return { ...change, do: "append" };
    case "make":
      return { ...change, do: "unmake" };
    case "unmake":
      return { ...change, do: "make" };
  }
}

/** The paths a change acts on. */
export function pathsOf(change: Change): readonly Path[] {
  return "at" in change ? [change.at] : [change.from, change.to];
}

/** A file in the journal, and how many of its bytes are meant. */
export interface Part {
  readonly name: string;
  readonly bytes: number;
}

/** What taking the change back reads. */
export function contentsOf(change: Change): Part[] {
  switch (change.do) {
    case "set":
      return contentsOfState(change.before);
    case "copy":
      return contentsOfState(change.replaced);
    case "move":
      return change.replaced ? contentsOfState(change.replaced) : [];
    case "unmove":
    case "make":
    case "unmake":
      return [];
    case "append":
    case "truncate":
      return [{ name: change.sha, bytes: change.length }];
  }
}

export function contentsOfState(state: State): Part[] {
  if (state.kind === "file")
    return state.sha === undefined ? [] : [{ name: state.pack ?? state.sha, bytes: state.size }];
  return state.kind === "directory" ? state.entries.flatMap(([, inner]) => contentsOfState(inner)) : [];
}
