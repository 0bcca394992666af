import type { Log } from "./log.ts";

/** Says that an old name was used; `current` is what bears a new one now: `the tool "read"`. */
export type RenameNotice = (old: string, current: string) => void;

/** Warns whoever runs the server of each old name once: it works until the next major version, and who uses it may not know. */
export function renameNotice(log: Log): RenameNotice {
  const told = new Set<string>();
  return (old, current) => {
    const message = `"${old}" is the old name of ${current} and may go with the next major version: use the new one.`;
    if (told.has(message)) return;
    // Bounded: only the names of aliases get here.
    told.add(message);
    log.warn(message);
  };
}
