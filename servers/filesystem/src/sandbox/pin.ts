import type { Stats } from "node:fs";
import { toBytes, toSystem } from "./names.ts";
import type { Root, Sandbox } from "./sandbox.ts";

/** Opens without any effect on the object. Not in fs.constants; the same on every architecture of Linux (asm-generic/fcntl.h). */
export const O_PATH = 0o10000000;

/** An object held while it is looked at and acted on. Close it. */
export interface Pin {
  /** `O_PATH` descriptor; -1 in `checked` mode. */
  readonly fd: number;
  /** What to act through, as text: `/proc/self/fd/N`, or the real path. */
  readonly path: string;
  /** Where the object is, as bytes (see names.ts). */
  readonly real: string;
  /** As it was when this was first asked. */
  stats(): Stats;
  close(): void;
}

/** An allowed directory with what the checks compare. */
export interface PinnedRoot {
  readonly root: Root;
  readonly fd: number;
  /** What paths are opened below: `/proc/self/fd/N`, or the real path. */
  readonly base: string;
  /** Real path as bytes, without a final separator unless it is the root of the file system. */
  readonly real: string;
  /** `real` with a final separator. */
  readonly prefix: string;
  readonly dev: number;
  readonly ino: number;
  /** The kernel's number of the mount, which stays taken while `fd` is open; `undefined` where it does not tell. */
  readonly mount: string | undefined;
}

/** The primitives in which the two modes differ. They throw the system's errors. */
export interface Pins {
  readonly mode: Sandbox["mode"];
  readonly separator: "/" | "\\";
  openRoot(root: Root): PinnedRoot;
  /** `follow` is about the last component; links before it are always followed. */
  open(root: PinnedRoot, components: readonly string[], how: { follow: boolean; directory?: boolean }): Pin;
  /** The object of that name in a pinned directory, without following it. */
  child(directory: Pin, name: string): Pin;
  /** A descriptor for reading or writing exactly this object. */
  reopen(pin: Pin, flags: number): number;
  /** Whether the object still is where it was when it was pinned. */
  holds(pin: Pin): boolean;
  rootHolds(root: PinnedRoot): boolean;
  /**
   * Whether the object is where its path says in the tree that this process sees. A link through `/proc/<pid>/root` leads to
   * another container's tree, where the same path is another file, and a deleted file's path is no path.
   */
  isHere(pin: Pin, roots: readonly PinnedRoot[]): boolean;
}

/** A name in a pinned directory, for `node:fs`. */
export function at(directory: { readonly path: string }, name: string): string | Buffer {
  return toSystem(directory.path.endsWith("/") ? directory.path + name : `${directory.path}/${name}`);
}

/** A path, as bytes, with a final separator: what everything below it begins with. */
export function withSeparator(real: string, separator: string): string {
  return real.endsWith(separator) ? real : real + separator;
}

/** Where a name in a pinned directory is, as bytes. */
export function realOf({ real }: { readonly real: string }, name: string, separator: string): string {
  return withSeparator(real, separator) + toBytes(name);
}

/** Thrown by the primitives when an object was exchanged while it was looked at. */
export class Raced extends Error {
  override readonly name = "Raced";
  readonly code = "ENOENT";
}
