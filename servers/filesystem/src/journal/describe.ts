import type { Measure } from "./capture.ts";
import { inBytes } from "../sandbox/describe.ts";

/** "2 files and 1 directory (3.1 MB)", in our words. */
export function measureInWords({ files, directories, links, others, bytes, complete }: Measure): string {
  const counts = [
    counted(files, "file", "files"),
    counted(directories, "directory", "directories"),
    counted(links, "link", "links"),
    counted(others, "other entry", "other entries"),
  ];
  const named = counts.filter((text) => text !== undefined);
  const all = named.length < 2 ? (named[0] ?? "nothing") : `${named.slice(0, -1).join(", ")} and ${named.at(-1)}`;
  const size = files === 0 ? "" : ` (${inBytes(bytes)})`;
  return `${complete ? "" : "more than "}${all}${size}`;
}

/** What a destructive call leaves open: whether and how long it can be taken back. */
export function undoInWords({ enabled, maxAgeMs }: { readonly enabled: boolean; readonly maxAgeMs: number }): string {
  if (!enabled) return "The journal is off: it cannot be undone.";
  const days = Math.max(1, Math.round(maxAgeMs / 86_400_000));
  return `\`undo\` can bring it back for ${days} ${days === 1 ? "day" : "days"}.`;
}

/** The end of a result's first line. */
export function undoNote({
  id,
  note,
}: {
  readonly id?: string | undefined;
  readonly note?: string | undefined;
}): string {
  return [id === undefined ? "" : ` undo id ${id}.`, note === undefined ? "" : ` ${note}`].join("");
}

function counted(count: number, one: string, several: string): string | undefined {
  return count === 0 ? undefined : `${count} ${count === 1 ? one : several}`;
}

/** "a, b and 3 more". */
export function named(paths: readonly string[], most: number): string {
  return paths.slice(0, most).join(", ") + (paths.length > most ? ` and ${paths.length - most} more` : "");
}
