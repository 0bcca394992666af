import type { Policy } from "../policy.ts";

/** The masks of a policy as three arrays, schemas, tables and columns; a name with dots in it stands there in each way it may be read. */
export function maskParameters({ mask }: Policy): [string[], string[], string[]] {
  const found: [string[], string[], string[]] = [[], [], []];
  for (const entry of mask) {
    const parts = entry.split(".");
    for (let i = 1; i < parts.length - 1; i++)
      for (let j = i + 1; j < parts.length; j++) {
        found[0].push(parts.slice(0, i).join("."));
        found[1].push(parts.slice(i, j).join("."));
        found[2].push(parts.slice(j).join("."));
      }
  }
  return found;
}
