import { ToolError } from "@mooring/core";
import { existsAlready, notRegular } from "../errors.ts";
import type { Entry as Found, Place, Sandbox } from "../sandbox/sandbox.ts";
import type { Planned } from "./apply.ts";
import type { Keeper } from "./blobs.ts";
import { capture, type Capture, fileAsFound, find, measure } from "./capture.ts";
import { sha256 } from "./content.ts";
import { ABSENT, type Blob, type Change, type State } from "./entry.ts";
import { pathOf } from "./path.ts";

/** What a tool wants done; the journal finds out what stands there and keeps it. */
export type Step =
  /** Writes a whole file. `current`: the file that the caller has looked at, and what it holds; nothing else is replaced. */
  | {
      readonly do: "put";
      readonly place: Place;
      readonly content: Uint8Array;
      readonly expect: "absent" | "present" | "any";
      readonly current?: { readonly bytes?: Uint8Array; readonly found: Found } | undefined;
    }
  | { readonly do: "append"; readonly place: Place; readonly content: Uint8Array }
  | { readonly do: "makeDirectory"; readonly place: Place }
  | { readonly do: "remove"; readonly place: Place }
  | {
      readonly do: "move";
      readonly from: Place;
      readonly to: Place;
      readonly overwrite: boolean;
      readonly copy: boolean;
    };

export interface Planning {
  readonly sandbox: Sandbox;
  /** Where replaced contents are kept; without it they are gone after the call. */
  readonly keeper: Keeper | undefined;
  /** Contents at hand during the call, by sha256. */
  readonly memory: Map<string, Uint8Array>;
  readonly signal?: AbortSignal | undefined;
}

/** Bytes that the steps make worth keeping, from sizes alone. */
export async function bytesToKeep(steps: readonly Step[], capturing: Capture): Promise<number> {
  const { sandbox } = capturing;
  let bytes = 0;
  for (const step of steps) {
    if (step.do === "append") bytes += step.content.length;
    if (step.do === "put") bytes += (step.current?.found ?? find(step.place, sandbox, true))?.size ?? 0;
    const gone = step.do === "remove" ? step.place : step.do === "move" && step.overwrite ? step.to : undefined;
    if (gone) bytes += (await measure([gone], capturing, Number.POSITIVE_INFINITY)).bytes;
  }
  return bytes;
}

/** The changes that the steps amount to, with what they replace kept. Changes nothing in the sandbox. */
export async function planSteps(steps: readonly Step[], planning: Planning): Promise<Planned[]> {
  const plans: Planned[] = [];
  for (const step of steps) {
    planning.signal?.throwIfAborted();
    plans.push(...(await planStep(step, planning)));
  }
  return plans;
}

async function planStep(step: Step, planning: Planning): Promise<Planned[]> {
  const { sandbox } = planning;
  switch (step.do) {
    case "put":
      return planPut(step, planning);
    case "append":
      return planAppend(step, planning);
    case "makeDirectory": {
      const found = find(step.place, sandbox, true);
      if (found && found.kind !== "directory") throw notRegular(step.place.shown, found.kind);
      return found ? [] : [...missingParents(step.place, sandbox), { change: { do: "make", at: pathOf(step.place) } }];
    }
    case "remove":
      return [
        { change: { do: "set", at: pathOf(step.place), before: await capture(step.place, planning), after: ABSENT } },
      ];
    case "move": {
      const { from, to, overwrite, copy } = step;
      const there = overwrite ? await capture(to, planning) : ABSENT;
      const replaced = there.kind === "absent" ? undefined : there;
      const paths = { from: pathOf(from), to: pathOf(to) };
      const change: Change = copy
        ? { do: "copy", ...paths, replaced: there, after: ABSENT }
        : { do: "move", ...paths, ...(replaced && { replaced }) };
      return [...missingParents(to, sandbox), { change }];
    }
  }
}

async function planPut(step: Extract<Step, { do: "put" }>, planning: Planning): Promise<Planned[]> {
  const { place, content, expect, current } = step;
  const { sandbox } = planning;
  const found = current?.found ?? find(place, sandbox, true);
  if (expect === "absent" && found) throw existsAlready(place.shown);
  if (found && found.kind !== "file") throw notRegular(place.shown, found.kind);
  const after = fileState(remember(content, planning.memory));
  const at = pathOf(place);
  if (!found && find(place, sandbox)) throw deadLink(place);
  if (!found) return [...missingParents(place, sandbox), { change: { do: "set", at, before: ABSENT, after } }];
  const through = find(place, sandbox)?.kind === "link";
  const before = current?.bytes
    ? { ...fileAsFound(found), ...keep(current.bytes, planning) }
    : await capture(place, { ...planning, follow: true });
  return [{ change: { do: "set", at, before, after, ...(through && { through }) }, seen: found }];
}

function planAppend({ place, content }: { place: Place; content: Uint8Array }, planning: Planning): Planned[] {
  const found = find(place, planning.sandbox, true);
  if (found && found.kind !== "file") throw notRegular(place.shown, found.kind);
  if (!found && find(place, planning.sandbox)) throw deadLink(place);
  const { sha, size: length } = keep(content, planning);
  if (found) return [{ change: { do: "append", at: pathOf(place), size: found.size, length, sha } }];
  const change: Change = { do: "set", at: pathOf(place), before: ABSENT, after: fileState({ sha, size: length }) };
  return [...missingParents(place, planning.sandbox), { change }];
}

function keep(bytes: Uint8Array, { keeper, memory }: Planning): Blob {
  const blob = remember(bytes, memory);
  keeper?.bytes(bytes);
  return blob;
}

function remember(bytes: Uint8Array, memory: Map<string, Uint8Array>): Blob {
  const sha = sha256(bytes);
  memory.set(sha, bytes);
  return { sha, size: bytes.length };
}

// Mode and time of what is written are the sandbox's business.
function fileState({ sha, size }: Blob): State {
  return { kind: "file", size, mode: 0, mtimeMs: 0, sha };
}

function missingParents(place: Place, sandbox: Sandbox): Planned[] {
  const missing: Planned[] = [];
  for (let length = place.components.length - 1; length > 0; length--) {
    const parent = ancestor(place, length, sandbox);
    if (find(parent, sandbox)) break;
    missing.unshift({ change: { do: "make", at: pathOf(parent) } });
  }
  return missing;
}

function ancestor({ root, components }: Place, length: number, sandbox: Sandbox): Place {
  return components.slice(0, length).reduce((at, name) => sandbox.child(at, name), sandbox.parse(root.path));
}

/** What stands there is a link, and which of the two it is stays unsaid: it would tell what exists outside. */
export function deadLink({ shown }: Place): ToolError {
  return new ToolError("conflict", `${shown} is a link that leads nowhere or out of the allowed directories.`, {
    hint: "Choose another name, or delete the link first.",
  });
}
