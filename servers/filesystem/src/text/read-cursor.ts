import { hash } from "node:crypto";
import { ToolError } from "@mooring/core";
import type { Entry } from "../sandbox/sandbox.ts";

/** Where reading goes on. Opaque to callers; nothing in it is trusted, the path comes from the call. */
export interface ReadPosition {
  /** Bytes. */
  readonly offset: number;
  /** The line that starts or goes on there, 0 when it is not known. */
  readonly line: number;
  /** The last line wanted, or Infinity. */
  readonly last: number;
}

export function sealPosition({ offset, line, last }: ReadPosition, shown: string, entry: Entry): string {
  const numbers = [offset, line, Number.isFinite(last) ? last : 0].map((number) => number.toString(36));
  return [...numbers, pathTag(shown), stateTag(entry)].join(".");
}

/** Whether the cursor was made for a path; throws `invalid_input` for what {@link sealPosition} did not make. */
export function cursorOwner(cursor: string): (shown: string) => boolean {
  const { path } = parts(cursor);
  return (shown) => path === pathTag(shown);
}

/** Throws `invalid_input` for what {@link sealPosition} did not make. `changed`: the file is not what it was. */
export function openPosition(cursor: string, entry: Entry): { position: ReadPosition; changed: boolean } {
  const { numbers, state } = parts(cursor);
  const [offset, line, last] = numbers;
  return { position: { offset, line, last: last === 0 ? Infinity : last }, changed: state !== stateTag(entry) };
}

function parts(cursor: string) {
  const match = /^([0-9a-z]{1,11})\.([0-9a-z]{1,11})\.([0-9a-z]{1,11})\.([0-9a-f]{8})\.([0-9a-f]{8})$/.exec(cursor);
  if (!match)
    throw new ToolError("invalid_input", "The cursor is not one that `read` gave.", {
      hint: "Leave it out to start at the beginning.",
    });
  const [, offset = "", line = "", last = "", path = "", state = ""] = match;
  const numbers = [offset, line, last].map((text) => parseInt(text, 36)) as [number, number, number];
  return { numbers, path, state };
}

function pathTag(shown: string): string {
  return hash("sha256", shown, "hex").slice(0, 8);
}

function stateTag({ size, mtimeMs, ino }: Entry): string {
  return hash("sha256", `${size}:${mtimeMs}:${ino}`, "hex").slice(0, 8);
}
