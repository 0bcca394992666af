import {
  accessSync,
  chmodSync,
  chownSync,
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  lstatSync,
  mkdirSync,
  renameSync,
  type Stats,
  symlinkSync,
  utimesSync,
} from "node:fs";
import { ToolError } from "@mooring/core";
import { writeAll } from "../descriptor.ts";
import { codeOf, existsAlready, notDirectory, notFound, notRegular } from "../errors.ts";
import { entryOf, kindOf } from "./entry.ts";
import type { Gate } from "./gate.ts";
import { toSystem } from "./names.ts";
import { place as placeOf } from "./path.ts";
import { at, type Pin } from "./pin.ts";
import { openPinned } from "./reading.ts";
import type { Entry, Place, Rights, Sandbox, WriteOptions } from "./sandbox.ts";
import {
  copyTemporary,
  discard,
  newDirectoryMode,
  permitted,
  publishNew,
  type Temporary,
  writeTemporary,
} from "./temporary.ts";

type Writing = Pick<
  Sandbox,
  "writeFile" | "appendFile" | "truncateFile" | "makeDirectories" | "setMetadata" | "makeLink"
>;

/** Where a file is or would be, after its links: the pinned directory, the name in it, and the file when there is one. */
interface Target {
  readonly parent: Pin;
  readonly name: string;
  readonly current: { readonly pin: Pin; readonly stats: Stats } | undefined;
}

export function createWriting(gate: Gate, { hardlinks }: { hardlinks: "allow" | "deny" }): Writing {
  const { pins } = gate;
  const rules = { windows: pins.separator === "\\", foldsCase: false };

  function writeFile(place: Place, content: Uint8Array, { expect, check, rights, sync }: WriteOptions): Entry {
    try {
      using target = openTarget(gate, place);
      const { current } = target;
      if (expect === "absent" && current) throw existsAlready(place.shown);
      if (expect === "present" && !current) throw notFound(place.shown);
      if (current) writable(current.pin);
      inspect(gate, place, target, hardlinks, check);
      return replace(gate, target, [content], { rights, sync });
    } catch (error) {
      throw gate.fail(error, place);
    }
  }

  async function appendFile(place: Place, content: Uint8Array, check?: WriteOptions["check"]): Promise<Entry> {
    try {
      using target = openTarget(gate, place);
      inspect(gate, place, target, hardlinks, check);
      if (!target.current) return replace(gate, target, [content]);
      return await changeEnd(target.current, target, constants.O_WRONLY | constants.O_APPEND, (fd) => {
        const before = fstatSync(fd).size;
        try {
          writeAll(fd, content);
          fsyncSync(fd);
        } catch (error) {
          ftruncateSync(fd, before);
          throw error;
        }
      });
    } catch (error) {
      throw gate.fail(error, place);
    }
  }

  async function truncateFile(place: Place, size: number, check?: WriteOptions["check"]): Promise<Entry> {
    try {
      using target = openTarget(gate, place);
      inspect(gate, place, target, hardlinks, check);
      if (!target.current) throw notFound(place.shown);
      return await changeEnd(target.current, target, constants.O_WRONLY, (fd) => {
        ftruncateSync(fd, size);
        fsyncSync(fd);
      });
    } catch (error) {
      throw gate.fail(error, place);
    }
  }

  // In place, however large the file is; other names of it may lie outside and keep the old content.
  async function changeEnd(
    { pin, stats }: NonNullable<Target["current"]>,
    target: Target,
    flags: number,
    change: (fd: number) => void,
  ): Promise<Entry> {
    if (stats.nlink === 1) {
      const fd = pins.reopen(pin, flags);
      try {
        change(fd);
        return entryOf(target.name, fstatSync(fd));
      } finally {
        closeSync(fd);
      }
    }
    writable(pin);
    return publish(gate, target, await copyTemporary(pins, target.parent, { pin, stats }, { flags, change }));
  }

  function makeDirectories(place: Place): Place[] {
    gate.refuse(place, place.components, "write");
    const made: Place[] = [];
    for (let length = place.components.length; length > 0; length -= 1) {
      // Nearly always the directory is there already, or its parent is.
      const above = placeOf(place.root, place.components.slice(0, length), rules);
      if (isDirectory(gate, above)) break;
      made.unshift(above);
    }
    for (const directory of made) makeOne(gate, directory, place);
    return made;
  }

  function setMetadata(place: Place, { rights, mtimeMs }: Parameters<Sandbox["setMetadata"]>[1]): void {
    const pin = gate.open(place, { follow: false, action: "write" });
    try {
      const stats = pin.stats();
      const kind = kindOf(stats);
      if (kind === "link" || (kind === "file" && stats.nlink > 1)) return;
      if (kind !== "file" && kind !== "directory") throw notRegular(place.shown, kind);
      if (!pins.holds(pin)) throw notFound(place.shown);
      // By the pin's path, which needs no right to read or write the object.
      const path = toSystem(pin.path);
      if (rights)
        chmodSync(
          path,
          permitted(rights, stats, (uid, gid) => chownSync(path, uid, gid)),
        );
      if (mtimeMs !== undefined) utimesSync(path, mtimeMs / 1000, mtimeMs / 1000);
    } catch (error) {
      throw gate.fail(error, place);
    } finally {
      pin.close();
    }
  }

  function makeLink(place: Place, target: string): void {
    const { parent, name } = gate.slot(place, "write");
    try {
      if (!pins.holds(parent)) throw notFound(place.shown);
      symlinkSync(toSystem(target), at(parent, name));
    } catch (error) {
      throw gate.fail(error, place);
    } finally {
      parent.close();
    }
  }

  return { writeFile, appendFile, truncateFile, makeDirectories, setMetadata, makeLink };
}

function openTarget(gate: Gate, place: Place): Target & Disposable {
  const target = findTarget(gate, place);
  return {
    ...target,
    [Symbol.dispose]() {
      target.current?.pin.close();
      target.parent.close();
    },
  };
}

const ATTEMPTS = 5;

function findTarget(gate: Gate, place: Place): Target {
  if (place.components.length === 0) throw notRegular(place.shown, "directory");
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const found = existingTarget(gate, place) ?? missingTarget(gate, place);
    if (found) return found;
  }
  throw new ToolError("conflict", `${place.shown} is being exchanged by another program.`, {
    hint: "Nothing was changed; try again.",
    retryable: true,
  });
}

function existingTarget(gate: Gate, place: Place): Target | undefined {
  let pin: Pin;
  try {
    pin = gate.open(place, { follow: true, action: "write" });
  } catch (error) {
    if (error instanceof ToolError && error.kind === "not_found") return undefined;
    throw error;
  }
  let parent: Pin | undefined;
  try {
    const stats = pin.stats();
    if (kindOf(stats) !== "file") throw notRegular(place.shown, kindOf(stats));
    const found = gate.locate(pin.real);
    const name = found?.components.at(-1);
    if (!found || name === undefined) throw notFound(place.shown);
    // The real path has no links; were one put there meanwhile, the directory it leads to would have to pass as well.
    const above = { root: found.root.root, components: found.components.slice(0, -1), shown: place.shown };
    parent = gate.open(above, { follow: true, directory: true, action: "write" });
    const now = lstatSync(at(parent, name));
    if (now.dev === stats.dev && now.ino === stats.ino) return { parent, name, current: { pin, stats } };
  } catch (error) {
    pin.close();
    parent?.close();
    // Gone or moved between the two looks.
    if (codeOf(error) === "ENOENT" || (error instanceof ToolError && error.kind === "not_found")) return undefined;
    throw error;
  }
  pin.close();
  parent.close();
  return undefined;
}

function missingTarget(gate: Gate, place: Place): Target | undefined {
  const { parent, name } = gate.slot(place, "write");
  try {
    const there = lstatSync(at(parent, name), { throwIfNoEntry: false });
    if (!there) return { parent, name, current: undefined };
    // A link that leads out or nowhere: nothing is made through it, and which of the two it is stays unsaid.
    if (there.isSymbolicLink()) throw notFound(place.shown);
  } catch (error) {
    parent.close();
    throw error;
  }
  parent.close();
  return undefined;
}

function inspect(
  gate: Gate,
  place: Place,
  { current }: Target,
  hardlinks: "allow" | "deny",
  check: WriteOptions["check"],
) {
  if (!check) return;
  if (!current) {
    check(undefined);
    return;
  }
  using file = openPinned(gate, current.pin, place, hardlinks);
  check(file);
}

function replace(
  gate: Gate,
  target: Target,
  parts: readonly Uint8Array[],
  { rights, sync = true }: { readonly rights?: Rights | undefined; readonly sync?: boolean | undefined } = {},
): Entry {
  if (!gate.pins.holds(target.parent)) throw moved();
  return publish(gate, target, writeTemporary(target.parent, parts, target.current?.stats ?? rights, sync));
}

// Gives a complete temporary file its name.
function publish(gate: Gate, { parent, name, current }: Target, temporary: Temporary): Entry {
  let done = false;
  try {
    if (!gate.pins.holds(parent)) throw moved();
    if (current) renameSync(at(parent, temporary.name), at(parent, name));
    else publishNew(parent, temporary.name, name);
    done = true;
  } finally {
    if (!done) discard(parent, temporary.name);
  }
  return entryOf(name, temporary.stats);
}

function moved(): Error {
  return Object.assign(new Error("moved"), { code: "ENOENT" });
}

// A rename would replace a file that its owner made read-only.
function writable(pin: Pin): void {
  accessSync(toSystem(pin.path), constants.W_OK);
}

function isDirectory(gate: Gate, directory: Place): boolean {
  let pin: Pin;
  try {
    pin = gate.open(directory, { follow: true, action: "write" });
  } catch (error) {
    if (error instanceof ToolError && error.kind === "not_found") return false;
    throw error;
  }
  try {
    if (!pin.stats().isDirectory()) throw notDirectory(directory.shown);
    return true;
  } finally {
    pin.close();
  }
}

function makeOne(gate: Gate, directory: Place, asked: Place): void {
  const { parent, name } = gate.slot(directory, "write");
  try {
    if (!gate.pins.holds(parent)) throw notFound(asked.shown);
    mkdirSync(at(parent, name), newDirectoryMode);
  } catch (error) {
    if (codeOf(error) !== "EEXIST") throw gate.fail(error, asked);
    // Made by somebody else meanwhile, or a link that leads out or nowhere.
    if (!isDirectory(gate, directory)) throw notFound(asked.shown);
  } finally {
    parent.close();
  }
}
