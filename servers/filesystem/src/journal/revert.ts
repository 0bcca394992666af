import { ToolError } from "@mooring/core";
import type { Place, Sandbox } from "../sandbox/sandbox.ts";
import { isBefore, type Planned } from "./apply.ts";
import type { Keeper } from "./blobs.ts";
import { capture, find } from "./capture.ts";
import type { CarryOut } from "./carry-out.ts";
import { named } from "./describe.ts";
import { type Change, contentsOf, contentsOfState, inverse, type Part, pathsOf } from "./entry.ts";
import type { Reverted } from "./journal.ts";
import { placeOf } from "./path.ts";
import { bytesToKeep, type Step } from "./plan.ts";
import type { Recorded, Store } from "./store.ts";

export interface RevertOptions {
  readonly force: boolean;
  readonly signal?: AbortSignal;
}

/** Taking entries back, each as an entry of its own; see `Journal.revert`. */
export function createRevert({
  store,
  sandbox,
  carryOut,
}: {
  readonly store: Store;
  readonly sandbox: Sandbox;
  readonly carryOut: CarryOut;
}): (id: string, options: RevertOptions) => Promise<Reverted> {
  function known(id: string): { entry: Recorded; places: Place[] } {
    const all = store.entries();
    const entry = all.find((candidate) => candidate.id === id);
    const places = entry && visiblePlaces(entry, sandbox);
    if (!entry || !places)
      throw new ToolError("not_found", "The journal has no such entry for the current directories.", {
        hint: "Call `undo` without `id` to see what there is.",
      });
    const by = undoneBy(all).get(id);
    if (by)
      throw new ToolError("conflict", `${id} was undone already, by ${by.id}.`, {
        hint: `To do it again, undo ${by.id}.`,
      });
    return { entry, places };
  }

  async function takeBack({ id, changes }: Recorded, { force, signal }: RevertOptions): Promise<Reverted> {
    const { already, open, changed } = await compare(changes().toReversed(), signal);
    if (changed.length > 0 && !force) throw changedSince(shownPaths(changed));
    const paths = shownPaths(open);
    if (open.length === 0) return { paths, already: shownPaths(already) };
    const needed = new Set(open.flatMap(contentsNeeded).map(({ name }) => name));
    for (const name of needed)
      if (!store.blobs.has(name))
        throw new ToolError("not_found", `What ${id} replaced is not kept any more.`, {
          hint: "Call `undo` without `id` to see what can still be undone.",
        });
    store.reserve(await bytesToKeep(open.flatMap(stepsLike), { sandbox, signal }), needed);
    const planned = await store.keeping({ sync: true }, async (keeper) => {
      const plans: Planned[] = [];
      for (const change of open) plans.push(await asItIsNow(change, keeper, signal));
      return plans;
    });
    const undo = await carryOut({ tool: "undo", planned, memory: new Map(), sync: true, signal, undoes: id });
    return { id: undo, paths, already: shownPaths(already) };
  }

  /** Changes that are taken back already, the inverse of those that are not, and those that something came after. */
  async function compare(changes: readonly Change[], signal: AbortSignal | undefined) {
    const already: Change[] = [];
    const open: Change[] = [];
    const changed: Change[] = [];
    for (const change of changes) {
      signal?.throwIfAborted();
      if (await isBefore(change, sandbox)) {
        already.push(change);
        continue;
      }
      const back = inverse(change);
      open.push(back);
      if (!(await isBefore(back, sandbox))) changed.push(change);
    }
    return { already, open, changed };
  }

  // What is there now is what undoing the undo brings back.
  async function asItIsNow(change: Change, keeper: Keeper, signal: AbortSignal | undefined): Promise<Planned> {
    const options = { sandbox, keeper, signal };
    if (change.do === "move") {
      const { from, to, moved } = change;
      const rest = { do: "move", from, to, ...(moved && { moved }) } as const;
      const there = await capture(placeOf(change.to, sandbox), options);
      return { change: there.kind === "absent" ? rest : { ...rest, replaced: there } };
    }
    if (change.do !== "set") return { change };
    const at = placeOf(change.at, sandbox);
    const follow = change.through === true;
    const before = await capture(at, { ...options, follow });
    const seen = before.kind === "file" && change.after.kind === "file" ? find(at, sandbox, follow) : undefined;
    return { change: { ...change, before }, ...(seen && { seen }) };
  }

  function stepsLike(change: Change): Step[] {
    if (change.do === "move") return [{ do: "remove", place: placeOf(change.to, sandbox) }];
    return change.do === "set" ? [{ do: "remove", place: placeOf(change.at, sandbox) }] : [];
  }

  function shownPaths(changes: readonly Change[]): string[] {
    return shownOnce(changes.flatMap(pathsOf).map((path) => placeOf(path, sandbox)));
  }

  // Looked up again once nobody else can change it.
  return (id, options) =>
    sandbox.lock(known(id).places, () => store.exclusive(() => takeBack(known(id).entry, options)));
}

/** Where an entry's changes are; `undefined` when any of them is outside the current roots, or cannot be read any more. */
export function visiblePlaces({ changes }: Recorded, sandbox: Sandbox): Place[] | undefined {
  try {
    return changes()
      .flatMap(pathsOf)
      .map((path) => placeOf(path, sandbox));
  } catch {
    return undefined;
  }
}

/** Which entry took which back, of entries newest first: one that was taken back itself counts no more. */
export function undoneBy(entries: readonly Recorded[]): ReadonlyMap<string, Recorded> {
  const undone = new Map<string, Recorded>();
  for (const entry of entries)
    if (entry.undoes !== undefined && !undone.has(entry.id) && !undone.has(entry.undoes))
      undone.set(entry.undoes, entry);
  return undone;
}

export function shownOnce(places: readonly Place[]): string[] {
  return [...new Set(places.map(({ shown }) => shown))];
}

/** What carrying out the change reads. */
function contentsNeeded(change: Change): Part[] {
  if (change.do === "set") return contentsOfState(change.after);
  if (change.do === "unmove") return change.restore ? contentsOfState(change.restore) : [];
  return change.do === "append" ? contentsOf(change) : [];
}

function changedSince(paths: readonly string[]): ToolError {
  return new ToolError("conflict", `Changed since then: ${named(paths, 10)}.`, {
    hint: "Nothing was undone. `force: true` undoes it anyway and keeps what is there now for another undo.",
  });
}
