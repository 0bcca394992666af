/** An allowed directory, pinned for as long as the process lives. */
export interface Root {
  /** Index on the command line. */
  readonly id: number;
  /** Absolute, as the operator named it; what is printed and parsed against. */
  readonly path: string;
}

/** A path parsed once: what is checked is what is opened. Never rebuilt from strings elsewhere. */
export interface Place {
  readonly root: Root;
  /** Names below the root; empty for the root itself. Byte-exact. */
  readonly components: readonly string[];
  /** Absolute path for printing, escaped: controls, bidi and invalid UTF-8 visible, one line. */
  readonly shown: string;
}

export type EntryKind = "file" | "directory" | "link" | "fifo" | "socket" | "device" | "other";

/** What is known of one object. `size` in bytes, times in milliseconds. */
export interface Entry {
  /** Last component, escaped for printing. */
  readonly name: string;
  readonly kind: EntryKind;
  readonly size: number;
  readonly mtimeMs: number;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly dev: number;
  readonly ino: number;
  readonly nlink: number;
}

/** A regular file, opened for reading through its pin. Dispose closes it: `using file = sandbox.openFile(place)`. */
export interface OpenFile extends Disposable {
  readonly fd: number;
  readonly entry: Entry;
}

export interface WriteOptions {
  /** `absent`: refuse with `conflict` when the name exists (atomically). `present`: refuse when it is missing. */
  readonly expect: "absent" | "present" | "any";
  /** Called under the lock with the file that would be replaced, before anything changes; throw to refuse. */
  readonly check?: (current: OpenFile | undefined) => void;
}

/**
 * The one way to the file system: no tool opens a path by name.
 * Every method throws {@link ToolError}: `not_found` for missing and for outside alike, `denied` for what policy refuses,
 * `conflict`, `invalid_input`, `unavailable` (a root that disappeared, a full or read-only disk).
 */
export interface Sandbox {
  /** `pinned`: race-free by descriptors. `checked`: checked after opening, with a residual race. */
  readonly mode: "pinned" | "checked";
  readonly roots: readonly Root[];
  /** Directories that were named and cannot be used, with the reason in words. */
  readonly unusable: readonly { readonly path: string; readonly reason: string }[];

  /** Absolute, or relative to the first root. Throws `invalid_input`, or `not_found` when outside; also when there is no root. */
  parse(path: string): Place;
  child(place: Place, name: string): Place;

  /** Follows links that stay inside; regular files only, never blocks. */
  openFile(place: Place): OpenFile;
  /** Of the object itself, or of what an inside link leads to. */
  stat(place: Place, options?: { follow?: boolean }): Entry;
  exists(place: Place): boolean;
  /** Target of a link as text when it stays inside; `undefined` when it leads out. */
  readLink(place: Place): string | undefined;
  /** Names and kinds, sizes only with `stat`; unsorted. `limit` stops early (`complete: false`). */
  readDirectory(
    place: Place,
    options?: { stat?: boolean; limit?: number },
  ): { readonly entries: Entry[]; readonly complete: boolean };
  /** A directory descriptor for walks and watches; close it. Follows inside links at the start only. */
  pinDirectory(place: Place): Disposable & { readonly fd: number; readonly entry: Entry };

  /** Writes a whole file: temporary file in the pinned parent, mode and owner kept (0644 & ~umask when new), fsync, atomic rename. Follows an inside link to its target. Makes no parents. */
  writeFile(place: Place, content: Uint8Array, options: WriteOptions): Entry;
  appendFile(place: Place, content: Uint8Array, check?: WriteOptions["check"]): Entry;
  /** Makes missing directories one by one through pins; returns those it made, outermost first. */
  makeDirectories(place: Place): Place[];
  /** Renames the object itself (links are not followed). Without `overwrite` never replaces anything, atomically. Crosses file systems by copy, verify, unlink. */
  move(from: Place, to: Place, options: { overwrite: boolean; copy: boolean }): Entry;
  /** Removes the object itself; directories only with `recursive`, links never descended. */
  remove(place: Place, options: { recursive: boolean }): void;
  setMetadata(place: Place, metadata: { mode: number; mtimeMs?: number }): void;
  /** Recreates a link, for undo; the target is not checked, since links that lead out are refused when followed. */
  makeLink(place: Place, target: string): void;
  /** Serialises changes to the same objects (by device and inode, by name for missing ones) across concurrent calls. */
  lock<T>(places: readonly Place[], work: () => Promise<T> | T): Promise<T>;
}
