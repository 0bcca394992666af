import type { Place, Sandbox } from "../sandbox/sandbox.ts";
import { hashedUpTo, hashOfBytes, versionOf } from "../sandbox/version.ts";

/** What `if_hash` takes after a file was written with these bytes. */
export function newVersion(sandbox: Sandbox, place: Place, bytes: Uint8Array): string {
  return bytes.length <= hashedUpTo ? hashOfBytes(bytes) : versionNow(sandbox, place);
}

/** What `if_hash` takes for a file as it is. */
export function versionNow(sandbox: Sandbox, place: Place): string {
  using file = sandbox.openFile(place);
  return versionOf(file);
}
