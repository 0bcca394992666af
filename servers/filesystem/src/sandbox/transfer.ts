import { linkSync, lstatSync, mkdirSync, renameSync, rmdirSync, type Stats, unlinkSync } from "node:fs";
import { ToolError } from "@mooring/core";
import { changedMeanwhile, codeOf, notFound } from "../errors.ts";
import { entryOf, kindOf } from "./entry.ts";
import type { Gate, Slot } from "./gate.ts";
import { shownName } from "./names.ts";
import { at, realOf } from "./pin.ts";
import { refuseHardLinks } from "./reading.ts";
import type { Entry, MoveOptions, Place, RemoveOptions, Sandbox } from "./sandbox.ts";
import { hasNoHardLinks, publishNew, renameOntoOwn, temporaryName } from "./temporary.ts";
import { copyObject, type MayGo, removeObject, sameContent, Unexpected } from "./tree.ts";

/** Moving, copying and removing: all on the names in two pinned directories, so that links are never followed. */
export function createTransfer(
  gate: Gate,
  { hardlinks }: { hardlinks: "allow" | "deny" },
): Pick<Sandbox, "move" | "remove"> {
  const { pins } = gate;

  async function move(from: Place, to: Place, options: MoveOptions): Promise<Entry> {
    const { overwrite, copy, mayReplace } = options;
    const source = gate.slot(from, "write");
    try {
      const target = gate.slot(to, "write");
      try {
        const stats = look(source, from);
        refuseNonsense(gate, { from, to, source, target, stats, copy });
        gate.refuseBelow(from, source, source);
        gate.refuseBelow(to, target, source);
        const there = lstatSync(at(target.parent, target.name), { throwIfNoEntry: false });
        refuseReplacing(to, stats, there, overwrite);
        if (there && mayReplace?.(entryOf(target.name, there)) === false) throw changedMeanwhile(to.shown);
        if (!pins.holds(source.parent)) throw notFound(from.shown);
        if (!pins.holds(target.parent)) throw notFound(to.shown);
        const request = { from, to, source, target, stats, ...options };
        if (copy) await copyTo(request, false);
        else await rename(request, there);
        return entryOf(target.name, lstatSync(at(target.parent, target.name)));
      } catch (error) {
        throw gate.fail(error, concernsTarget(error) ? to : from);
      } finally {
        target.parent.close();
      }
    } finally {
      source.parent.close();
    }
  }

  async function rename(request: Request & MoveOptions, there: Stats | undefined): Promise<void> {
    const { source, target, stats, overwrite } = request;
    try {
      if (overwrite) replaceByRename(source, target, stats, there);
      else if (stats.isDirectory()) renameDirectory(source, target);
      else renameNew(source, target);
    } catch (error) {
      if (codeOf(error) !== "EXDEV") throw error;
      // Another file system: copied, compared, and only then removed.
      await copyTo(request, true);
      await removeCopied(request);
    }
  }

  async function copyTo(request: Request & MoveOptions, faithful: boolean): Promise<void> {
    const { from, source, target, overwrite, signal } = request;
    const ready: Slot = { parent: target.parent, name: temporaryName() };
    const admit = ({ nlink }: Stats) => refuseHardLinks(hardlinks, `A file of ${from.shown}`, nlink);
    try {
      await copyObject(pins, source, ready, { faithful, admit, signal });
      if (faithful && !(await sameContent(pins, source, ready)))
        throw new ToolError("conflict", "The source changed while it was copied.", {
          hint: "Nothing was moved; try again.",
        });
      if (!pins.holds(target.parent)) throw Object.assign(new Error("moved"), { code: "ENOENT" });
      if (overwrite) renameSync(at(ready.parent, ready.name), at(target.parent, target.name));
      else if (lstatSync(at(ready.parent, ready.name)).isDirectory()) renameDirectory(ready, target);
      else publishNew(target.parent, ready.name, target.name);
    } catch (error) {
      await tryRemove(ready);
      throw error;
    }
  }

  // Only what the copy has goes.
  async function removeCopied({ from, to, source, target }: Request): Promise<void> {
    const isCopied: MayGo = (below, { kind, size, mtimeMs }) => {
      const copy = lstatSync(at(target.parent, [target.name, ...below].join("/")), { throwIfNoEntry: false });
      if (!copy || kindOf(copy) !== kind) return false;
      return kind !== "file" || (copy.size === size && Math.abs(copy.mtimeMs - mtimeMs) < 2);
    };
    try {
      await removeObject(pins, source, isCopied);
    } catch (error) {
      const failed = error instanceof Unexpected ? changedMeanwhile(from.shown) : gate.fail(error, from);
      const why = failed instanceof ToolError ? failed.message : "The original could not be removed.";
      throw new ToolError("outcome_unknown", `${why} ${to.shown} is complete, but not all of ${from.shown} is gone.`, {
        hint: "Compare the two, and delete what is left of the first.",
        cause: error,
      });
    }
  }

  async function tryRemove(slot: Slot): Promise<void> {
    try {
      await removeObject(pins, slot);
    } catch {}
  }

  async function remove(place: Place, { recursive, mayGo }: RemoveOptions): Promise<void> {
    const slot = gate.slot(place, "write");
    try {
      const stats = look(slot, place);
      if (stats.isDirectory()) {
        if (!recursive)
          throw new ToolError("invalid_input", `${place.shown} is a directory.`, {
            hint: "Pass `recursive: true` to delete it with everything in it.",
          });
        refuseHoldingRoot(gate, slot, place);
      }
      if (!pins.holds(slot.parent)) throw notFound(place.shown);
      await removeObject(pins, slot, mayGo);
    } catch (error) {
      throw error instanceof Unexpected ? changedMeanwhile(place.shown) : gate.fail(error, place);
    } finally {
      slot.parent.close();
    }
  }

  return { move, remove };
}

function look(slot: Slot, place: Place): Stats {
  const stats = lstatSync(at(slot.parent, slot.name), { throwIfNoEntry: false });
  if (!stats) throw notFound(place.shown);
  return stats;
}

interface Request {
  readonly from: Place;
  readonly to: Place;
  readonly source: Slot;
  readonly target: Slot;
  readonly stats: Stats;
  readonly copy: boolean;
}

function refuseNonsense(gate: Gate, { from, to, source, target, stats, copy }: Request): void {
  const { separator } = gate.pins;
  const real = realOf(source.parent, source.name, separator);
  if (real === realOf(target.parent, target.name, separator))
    throw new ToolError("invalid_input", `${from.shown} and ${to.shown} are the same place.`, {
      hint: "Choose another name.",
    });
  if (!stats.isDirectory()) return;
  if (!copy) refuseHoldingRoot(gate, source, from);
  const inside = target.parent.real === real || target.parent.real.startsWith(real + separator);
  if (inside)
    throw new ToolError("invalid_input", `${to.shown} lies inside ${from.shown}, which cannot hold itself.`, {
      hint: "Choose a place outside it.",
    });
}

function refuseHoldingRoot(gate: Gate, slot: Slot, place: Place): void {
  const prefix = realOf(slot.parent, slot.name, gate.pins.separator) + gate.pins.separator;
  const held = gate.roots.find(({ real }) => real.startsWith(prefix));
  if (held)
    throw new ToolError(
      "denied",
      `${place.shown} holds the allowed directory ${shownName(held.root.path)}, which stays where it is.`,
      { hint: "Name what is beside it." },
    );
}

function refuseReplacing(to: Place, stats: Stats, there: Stats | undefined, overwrite: boolean): void {
  if (!there) return;
  if (!overwrite)
    throw new ToolError("conflict", `${to.shown} exists already.`, {
      hint: intoDirectory(there, "Choose another name."),
    });
  if (there.isDirectory() !== stats.isDirectory())
    throw new ToolError(
      "conflict",
      there.isDirectory()
        ? `${to.shown} is a directory and is not replaced by a file.`
        : `${to.shown} is not a directory.`,
      { hint: intoDirectory(there, "Choose another name, or delete it first.") },
    );
}

function intoDirectory(there: Stats, otherwise: string): string {
  return there.isDirectory() ? "To move into a directory, give the full new path with the name." : otherwise;
}

// The errors that speak of what is at the new name.
function concernsTarget(error: unknown): boolean {
  return ["EEXIST", "ENOTEMPTY", "EISDIR", "ENOSPC", "EDQUOT", "EROFS"].includes(codeOf(error) ?? "");
}

function replaceByRename(source: Slot, target: Slot, stats: Stats, there: Stats | undefined): void {
  renameSync(at(source.parent, source.name), at(target.parent, target.name));
  // Two names of one file: rename does nothing at all, and the old name would stay.
  if (!there || there.dev !== stats.dev || there.ino !== stats.ino || stats.nlink < 2) return;
  const left = lstatSync(at(source.parent, source.name), { throwIfNoEntry: false });
  if (left && left.dev === stats.dev && left.ino === stats.ino) unlinkSync(at(source.parent, source.name));
}

// An empty directory of our own takes the name; rename replaces it only while it is empty.
function renameDirectory(source: Slot, target: Slot): void {
  mkdirSync(at(target.parent, target.name), 0o700);
  try {
    renameSync(at(source.parent, source.name), at(target.parent, target.name));
  } catch (error) {
    try {
      rmdirSync(at(target.parent, target.name));
    } catch {}
    throw error;
  }
}

// A second name, made only where there is none, and then the first goes.
function renameNew(source: Slot, target: Slot): void {
  try {
    linkSync(at(source.parent, source.name), at(target.parent, target.name));
  } catch (error) {
    if (!hasNoHardLinks(error)) throw error;
    renameOntoOwn(source, target);
    return;
  }
  unlinkSync(at(source.parent, source.name));
}
