import type { Place, Sandbox } from "../sandbox/sandbox.ts";
import type { Path } from "./entry.ts";

export function pathOf({ root, components }: Place): Path {
  return [root.path, ...components];
}

/** Where a recorded path is today. Throws `not_found` when it is outside the current roots. */
export function placeOf([root, ...names]: Path, sandbox: Sandbox): Place {
  return sandbox.parse(names.length === 0 ? root : `${root.replace(/[\\/]+$/, "")}/${names.join("/")}`);
}
