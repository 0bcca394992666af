import { createHash } from "node:crypto";
import type { CatalogItem } from "./catalog-state.ts";

/** Differs when anything of the definitions does; where rows are stored is left out. */
export function fingerprintOf(items: readonly CatalogItem[]): string {
  const lines = items
    .map(({ key, relation, name, definition }) => JSON.stringify([key, relation, name, definition]))
    .toSorted();
  return createHash("sha256").update(lines.join("\n")).digest("base64url");
}
