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
  /** Names below the root; empty for the root itself. Byte-exact: a byte that is not UTF-8 is a lone surrogate U+DC80…U+DCFF. */
  readonly components: readonly string[];
  /** Absolute path for printing, escaped: controls, bidi and invalid UTF-8 visible, one line. */
  readonly shown: string;
}

export type EntryKind = "file" | "directory" | "link" | "fifo" | "socket" | "device" | "other";

/** What is known of one object. `size` in bytes, times in milliseconds. */
export interface Entry {
  /** Last component, escaped for printing. */
  readonly name: string;
  /** Last component as it stands in `Place.components`: what `child` takes. */
  readonly component: string;
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

/** A directory held open. */
export interface PinnedDirectory extends Disposable {
  /** An `O_PATH` descriptor; -1 in `checked` mode. */
  readonly fd: number;
  /** What to pass to `readdir` or `fs.watch`, and the prefix of `<path>/<name>`: `/proc/self/fd/N`, or the real path in `checked` mode. */
  readonly path: string;
  readonly entry: Entry;
}

/** Mode and owner of an object as it was. Without its owner, or where it cannot be given, set-id bits are left out. */
export interface Rights {
  readonly mode: number;
  readonly uid?: number | undefined;
  readonly gid?: number | undefined;
}

export interface WriteOptions {
  /** `absent`: refuse with `conflict` when the name exists (atomically). `present`: refuse when it is missing. */
  readonly expect: "absent" | "present" | "any";
  /** Of a file that is new, from its first moment. Default: what the umask leaves of 0666, for the server's user. */
  readonly rights?: Rights | undefined;
  /** False: do not wait for the disk; for many files at once that are kept elsewhere. */
  readonly sync?: boolean;
  /** Called under the lock with the file that would be replaced, before anything changes; throw to refuse. */
  readonly check?: (current: OpenFile | undefined) => void;
}

export interface MoveOptions {
  readonly overwrite: boolean;
  readonly copy: boolean;
  /** Asked of what would be replaced; false ends it with `conflict`. */
  readonly mayReplace?: ((there: Entry) => boolean) | undefined;
  /** Ends copying, with nothing changed. */
  readonly signal?: AbortSignal | undefined;
}

export interface RemoveOptions {
  readonly recursive: boolean;
  /** Asked of everything before it goes, by its names below the place (none for itself); false ends it with `conflict`. */
  readonly mayGo?: ((below: readonly string[], entry: Entry) => boolean) | undefined;
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

  /** Absolute, or relative to the first root; literal, or else (POSIX) as `shown` prints an existing name. Throws `invalid_input`, or `not_found` when outside; also when there is no root. */
  parse(path: string): Place;
  /** `name` is one component (`Entry.component`), not escaped text. */
  child(place: Place, name: string): Place;
  /** Why the operator's patterns for secrets refuse this place, or `undefined`. Reads and writes are refused by themselves. */
  denied(place: Place, action: "read" | "write"): string | undefined;

  /** Follows links that stay inside; regular files only, never blocks. */
  openFile(place: Place): OpenFile;
  /** Of the object itself, or of what an inside link leads to. */
  stat(place: Place, options?: { follow?: boolean }): Entry;
  exists(place: Place): boolean;
  /** Target of a link as text when it stays inside; `undefined` when it leads out, unless `raw` (to record it for undo, never to print it). */
  readLink(place: Place, options?: { raw?: boolean }): string | undefined;
  /** Names and kinds, sizes only with `stat`; unsorted. `limit` stops early (`complete: false`). */
  readDirectory(
    place: Place,
    options?: { stat?: boolean; limit?: number },
  ): { readonly entries: Entry[]; readonly complete: boolean };
  /** Of some entries of a directory, by their components; `undefined` for what has gone meanwhile. Links are not followed. */
  statEntries(place: Place, components: readonly string[]): (Entry | undefined)[];
  /** A directory descriptor for walks and watches; close it. Follows inside links at the start only. */
  pinDirectory(place: Place): PinnedDirectory;

  /** Writes a whole file: temporary file in the pinned parent, mode and owner kept (0666 & ~umask when new), fsync, atomic rename. Follows an inside link to its target. Makes no parents. */
  writeFile(place: Place, content: Uint8Array, options: WriteOptions): Entry;
  appendFile(place: Place, content: Uint8Array, check?: WriteOptions["check"]): Promise<Entry>;
  /** Cuts a file off at `size` bytes. */
  truncateFile(place: Place, size: number, check?: WriteOptions["check"]): Promise<Entry>;
  /** Makes missing directories one by one through pins; returns those it made, outermost first. */
  makeDirectories(place: Place): Place[];
  /** Renames the object itself (links are not followed). Without `overwrite` never replaces anything, atomically. Crosses file systems by copy, verify, unlink. */
  move(from: Place, to: Place, options: MoveOptions): Promise<Entry>;
  /** Removes the object itself; directories only with `recursive`, links never descended. Lets other calls run. Throws with a part removed. */
  remove(place: Place, options: RemoveOptions): Promise<void>;
  /** Of a file or a directory itself; nothing of a file that has other names, which may lie outside. */
  setMetadata(place: Place, metadata: { rights?: Rights; mtimeMs?: number }): void;
  /** Recreates a link, for undo; the target is not checked, since links that lead out are refused when followed. */
  makeLink(place: Place, target: string): void;
  /** Serialises changes to the same objects (by device and inode, by name for missing ones) across concurrent calls. */
  lock<T>(places: readonly Place[], work: () => Promise<T> | T): Promise<T>;
  /** Lets go of the roots. */
  close(): void;
}
