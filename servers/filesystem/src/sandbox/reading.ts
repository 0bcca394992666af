import { closeSync, constants, type Dirent, lstatSync, opendirSync, readdirSync, readlinkSync } from "node:fs";
import { ToolError } from "@mooring/core";
import { codeOf, notDirectory, notFound, notRegular } from "../errors.ts";
import { bareEntry, entryOf, kindOf } from "./entry.ts";
import type { Gate } from "./gate.ts";
import { fromBytes } from "./names.ts";
import { at, type Pin } from "./pin.ts";
import type { Entry, OpenFile, Place, Sandbox } from "./sandbox.ts";

type Reading = Pick<
  Sandbox,
  "openFile" | "stat" | "exists" | "readLink" | "readDirectory" | "statEntries" | "pinDirectory"
>;

export function createReading(gate: Gate, { hardlinks }: { hardlinks: "allow" | "deny" }): Reading {
  const { pins } = gate;

  function openFile(place: Place): OpenFile {
    let pin: Pin;
    try {
      pin = gate.open(place, { follow: true, action: "read" });
    } catch (error) {
      throw withSimilarName(gate, place, error);
    }
    try {
      return openPinned(gate, pin, place, hardlinks);
    } catch (error) {
      throw gate.fail(error, place);
    } finally {
      pin.close();
    }
  }

  function stat(place: Place, { follow = false }: { follow?: boolean } = {}): Entry {
    const pin = gate.open(place, { follow });
    try {
      return entryOf(lastOf(place), pin.stats());
    } catch (error) {
      throw gate.fail(error, place);
    } finally {
      pin.close();
    }
  }

  function exists(place: Place): boolean {
    try {
      gate.open(place, { follow: false }).close();
      return true;
    } catch (error) {
      if (error instanceof ToolError && error.kind === "not_found") return false;
      throw error;
    }
  }

  function readLink(place: Place, { raw = false }: { raw?: boolean } = {}): string | undefined {
    if (!raw && !leadsInside(place)) return undefined;
    const { parent, name } = gate.slot(place, "read");
    try {
      return fromBytes(readlinkSync(at(parent, name), "latin1"));
    } catch (error) {
      // EINVAL: it is no link.
      if (codeOf(error) === "EINVAL")
        throw new ToolError("invalid_input", `${place.shown} is not a link.`, {
          hint: "Look at it again: it was one before.",
        });
      throw gate.fail(error, place);
    } finally {
      parent.close();
    }
  }

  function leadsInside(place: Place): boolean {
    try {
      gate.open(place, { follow: true }).close();
      return true;
    } catch {
      return false;
    }
  }

  function openDirectory(place: Place): Pin {
    try {
      return gate.open(place, { follow: true, directory: true, action: "read" });
    } catch (error) {
      throw withSimilarName(gate, place, error);
    }
  }

  function readDirectory(
    place: Place,
    { stat: withStat = false, limit = Infinity }: { stat?: boolean; limit?: number } = {},
  ) {
    const directory = openDirectory(place);
    try {
      const { names, complete } = limit === Infinity ? allNames(directory) : firstNames(directory, limit);
      const entries: Entry[] = [];
      for (const { name, kind } of names) {
        const component = fromBytes(name);
        if (!withStat && kind !== undefined) entries.push(bareEntry(component, kind));
        else {
          const entry = statAt(directory, component);
          if (entry) entries.push(entry);
        }
      }
      if (!pins.holds(directory)) throw notFound(place.shown);
      return { entries, complete };
    } catch (error) {
      throw gate.fail(error, place);
    } finally {
      directory.close();
    }
  }

  function statEntries(place: Place, components: readonly string[]) {
    const directory = openDirectory(place);
    try {
      return components.map((component) => statAt(directory, component));
    } finally {
      directory.close();
    }
  }

  function pinDirectory(place: Place) {
    const pin = openDirectory(place);
    try {
      const entry = entryOf(lastOf(place), pin.stats());
      if (entry.kind !== "directory") throw notDirectory(place.shown);
      return { fd: pin.fd, path: pin.path, entry, [Symbol.dispose]: () => pin.close() };
    } catch (error) {
      pin.close();
      throw gate.fail(error, place);
    }
  }

  return { openFile, stat, exists, readLink, readDirectory, statEntries, pinDirectory };
}

/** Opens a pinned object for reading when it is a regular file. */
export function openPinned(gate: Gate, pin: Pin, place: Place, hardlinks: "allow" | "deny"): OpenFile {
  const entry = entryOf(lastOf(place), pin.stats());
  if (entry.kind !== "file") throw notRegular(place.shown, entry.kind);
  refuseHardLinks(hardlinks, place.shown, entry.nlink);
  const fd = gate.pins.reopen(pin, constants.O_RDONLY);
  return { fd, entry, [Symbol.dispose]: () => closeSync(fd) };
}

/** Refuses a file with other names, which may lie outside, where the operator wants that: its content, and copies of it. */
export function refuseHardLinks(hardlinks: "allow" | "deny", what: string, names: number): void {
  if (hardlinks === "deny" && names > 1)
    throw new ToolError("denied", `${what} has ${names} hard links, and \`--hardlinks deny\` refuses those.`, {
      hint: "Only the person can lift this, by starting the server without it.",
    });
}

function lastOf(place: Place): string {
  return place.components.at(-1) ?? place.root.path;
}

interface Name {
  /** As bytes. */
  readonly name: string;
  /** Absent where the file system does not say it in the listing. */
  readonly kind: Entry["kind"] | undefined;
}

function allNames(directory: Pin): { names: Name[]; complete: boolean } {
  let found: Dirent<string>[];
  try {
    found = readdirSync(directory.path, { withFileTypes: true, encoding: "latin1" });
  } catch (error) {
    // A file system that does not tell kinds makes Node stat by the latin1 name.
    if (codeOf(error) !== "ENOENT") throw error;
    const names = readdirSync(directory.path, { encoding: "latin1" });
    return { names: names.map((name) => ({ name, kind: undefined })), complete: true };
  }
  return { names: found.map((entry) => ({ name: entry.name, kind: kindOf(entry) })), complete: true };
}

function firstNames(directory: Pin, limit: number): { names: Name[]; complete: boolean } {
  const names: Name[] = [];
  const open = opendirSync(directory.path, { encoding: "latin1", bufferSize: 256 });
  try {
    for (let entry = open.readSync(); entry; entry = open.readSync()) {
      if (names.length >= limit) return { names, complete: false };
      names.push({ name: entry.name, kind: kindOf(entry) });
    }
    return { names, complete: true };
  } finally {
    open.closeSync();
  }
}

// Vanished between listing and looking: not an entry any more.
function statAt(directory: Pin, component: string): Entry | undefined {
  try {
    return entryOf(component, lstatSync(at(directory, component)));
  } catch {
    return undefined;
  }
}

const SIMILAR_LOOKED_AT = 2_000;

/** Adds to a "not found" the name that differs only in Unicode form or case, when the directory has one. */
function withSimilarName(gate: Gate, place: Place, error: unknown): unknown {
  if (!(error instanceof ToolError) || error.kind !== "not_found" || place.components.length === 0) return error;
  const wanted = lastOf(place);
  const folded = fold(wanted);
  try {
    const { parent } = gate.slot(place, "read");
    try {
      const { names } = firstNames(parent, SIMILAR_LOOKED_AT);
      const similar = names.map(({ name }) => fromBytes(name)).find((name) => name !== wanted && fold(name) === folded);
      if (similar === undefined) return error;
      return new ToolError("not_found", error.message, {
        hint: `There is ${ascii(similar)}, which differs only in ${difference(wanted, similar)}.`,
      });
    } finally {
      parent.close();
    }
  } catch {
    return error;
  }
}

function fold(name: string): string {
  return name.normalize("NFC").toLowerCase();
}

function difference(a: string, b: string): string {
  return a.normalize("NFC") === b.normalize("NFC") ? "Unicode form" : "upper and lower case";
}

// A JSON string of ASCII only: two names that look alike are told apart, and it can be sent back as it stands.
function ascii(name: string): string {
  return JSON.stringify(name).replace(/[^ -~]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
}
