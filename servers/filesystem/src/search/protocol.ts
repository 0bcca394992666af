import type { OwnRules } from "../patterns/gitignore.ts";
import type { ContextLine } from "./content.ts";
import type { Key, Position, Range } from "./position.ts";

/** What to look for; the same for the whole of a search. */
export interface Query {
  readonly glob?: string | undefined;
  /** Absent: names are looked for. */
  readonly pattern?: string | undefined;
  readonly regex: boolean;
  readonly ignoreCase: boolean;
  readonly context: number;
  readonly mode: "lines" | "files" | "count";
  /** Ignored entries and `.git` too. */
  readonly all: boolean;
}

/** One directory (or file) to search, held open by the main thread for as long as the job lives. */
export interface SearchRoot {
  /** What entries are opened through: `/proc/self/fd/N`, or the real path in `checked` mode. */
  readonly path: string;
  /** Where it is, as bytes; what leaves it is dropped. */
  readonly real: string;
  /** Names from the allowed directory, where the patterns for secrets start. */
  readonly components: readonly string[];
  /** Ignore rules from the allowed directory down to the parent of this one. */
  readonly inherited: readonly { readonly name: string; readonly own: OwnRules }[];
  /** A single file instead of a directory, already open. */
  readonly file?: { readonly fd: number; readonly name: string };
}

export interface JobSpec {
  readonly id: number;
  readonly query: Query;
  readonly pinned: boolean;
  readonly roots: readonly SearchRoot[];
  /** Globs that lift the refusal of secrets. */
  readonly allow: readonly string[];
  readonly hardlinks: "allow" | "deny";
  /** A task ends with more results than this: no page needs them. */
  readonly enough: number;
}

/** An entry, a file or a line that was found. */
export interface Found {
  readonly root: number;
  readonly key: Key;
  /** Names: a directory. */
  readonly directory?: boolean;
  /** Lines: 1-based. */
  readonly line?: number;
  readonly text?: string;
  readonly context?: readonly ContextLine[];
  /** Counts: matching lines of the file. */
  readonly count?: number;
}

/** What was left out, and why. */
export interface Skipped {
  ignored: number;
  binary: number;
  unreadable: number;
  denied: number;
  /** UTF-16 above the limit. */
  large: number;
  /** Below the deepest level. */
  deep: number;
}

export const nothingSkipped = (): Skipped => ({ ignored: 0, binary: 0, unreadable: 0, denied: 0, large: 0, deep: 0 });

/** Names cross between threads as one string: cloning thousands of objects takes longer than finding them. */
export function packNames(found: readonly Found[]): string {
  return found.map(({ key, directory }) => (directory ? `${key}\0` : key)).join("/");
}

export function unpackNames(root: number, packed: string): Found[] {
  if (packed === "") return [];
  return packed
    .split("/")
    .map((key) => (key.endsWith("\0") ? { root, key: key.slice(0, -1), directory: true } : { root, key }));
}

export type ToWorker =
  | { readonly type: "run"; readonly job: JobSpec; readonly range: Range }
  | { readonly type: "forget"; readonly job: number };

export type FromWorker =
  | {
      readonly type: "found";
      readonly job: number;
      readonly found: readonly Found[] | string;
      readonly position: Position;
    }
  /** Part of the range for an idle worker. */
  | { readonly type: "donated"; readonly job: number; readonly range: Range }
  | {
      readonly type: "done";
      readonly job: number;
      /** Packed when names were looked for. */
      readonly found: readonly Found[] | string;
      readonly skipped: Skipped;
      /** What is left of the range when it was stopped, in order. */
      readonly left: readonly Range[];
      /** It stopped by itself, having more than enough. */
      readonly capped: boolean;
    }
  | { readonly type: "problem"; readonly job: number; readonly message: string; readonly hint: string | undefined }
  | { readonly type: "failed"; readonly job: number; readonly reason: string };

/** Int32 words that the threads share. */
export const HUNGRY = 0;
const FIRST = 16;
const PER_WORKER = 16;
/** Words of one worker, from its own base (a cache line each worker). */
export const STOP_WORD = 0;
export const FILES_WORD = 1;
/** 1 while a regex runs. */
export const IN_REGEX_WORD = 2;
/** Counts up while a regex gets on. */
export const ALIVE_WORD = 3;

export function wordsOf(worker: number): number {
  return FIRST + worker * PER_WORKER;
}

export function sharedSize(workers: number): number {
  return (FIRST + workers * PER_WORKER) * Int32Array.BYTES_PER_ELEMENT;
}
