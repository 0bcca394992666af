import type { Entry, Place, Sandbox } from "../sandbox/sandbox.ts";

/** What an object that is missing, or that may not be looked at, is compared as. */
export const GONE = "gone";

/**
 * What must differ before anybody is told. Taken through the sandbox, so that what a link outside leads to
 * looks the same whatever happens there.
 */
export function signature(sandbox: Sandbox, place: Place, options: { follow: boolean }): string {
  try {
    return signatureOf(sandbox.stat(place, options));
  } catch {
    return GONE;
  }
}

export function signatureOf({ kind, dev, ino, size, mtimeMs }: Entry): string {
  return `${kind}:${dev}:${ino}:${size}:${mtimeMs}`;
}
