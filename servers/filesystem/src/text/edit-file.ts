import { ToolError } from "@mooring/core";
import { readAll } from "../descriptor.ts";
import type { Pausing } from "../pausing.ts";
import type { Entry, Place, Sandbox } from "../sandbox/sandbox.ts";
import { matchesVersion, versionConflict } from "../sandbox/version.ts";
import { type Edit, type EditedBytes, editBytes } from "./edit-bytes.ts";

/** Above this many bytes a file is not text that somebody edits by hand. */
const LARGEST = 64_000_000;

/** A file as it would be after its edits, and as it was when they were worked out. */
export interface EditedFile extends EditedBytes {
  readonly place: Place;
  readonly current: { readonly bytes: Buffer; readonly found: Entry };
}

export interface EditRequest {
  readonly edits: readonly Edit[];
  readonly if_hash?: string | undefined;
}

/**
 * Works out the edits of one file; writes nothing.
 * @throws {ToolError} what the sandbox and {@link editBytes} throw, `conflict` when the hash does not match, `too_large`
 */
export function* editFile(
  place: Place,
  { edits, if_hash: version }: EditRequest,
  options: { readonly sandbox: Sandbox; readonly diffLength: number; readonly encoding: string | undefined },
): Pausing<EditedFile> {
  using file = options.sandbox.openFile(place);
  if (version !== undefined && !matchesVersion(file, version)) throw versionConflict(place.shown, file);
  const found = file.entry;
  if (found.size > LARGEST)
    throw new ToolError(
      "too_large",
      `${place.shown} has ${found.size} bytes; files up to ${LARGEST} bytes can be edited.`,
      {
        hint: "Change it with a program instead.",
      },
    );
  const bytes = readAll(file.fd, found.size);
  return { place, current: { bytes, found }, ...(yield* editBytes(place.shown, bytes, edits, options)) };
}

/** One error for everything that is wrong with the files of a call. */
export function joined(problems: readonly ToolError[]): ToolError {
  const [first] = problems as [ToolError];
  const message =
    problems.length === 1 ? first.message : problems.map((problem) => problem.message.trimEnd()).join("\n");
  const hints = new Set(problems.map(({ hint }) => hint).filter((hint) => hint !== undefined));
  return new ToolError(first.kind, message, {
    hint: [...hints, "No file was changed."].join(" "),
    retryable: problems.every(({ retryable }) => retryable),
    cause: first,
  });
}
