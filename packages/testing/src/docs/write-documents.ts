import { randomUUID } from "node:crypto";
import { renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import type { Document } from "./documents.ts";

/** Writes all of them or none: what can fail (space, permissions) fails before the first file is replaced. Throws what the file system throws. */
export function writeDocuments(documents: readonly Document[]): void {
  const suffix = `.${randomUUID().slice(0, 8)}.tmp`;
  const replaced: Document[] = [];
  try {
    for (const { path, after, before } of documents) {
      const mode = before === undefined ? 0o666 : statSync(path).mode & 0o777;
      writeFileSync(path + suffix, after, { flag: "wx", mode });
    }
    for (const document of documents) {
      renameSync(document.path + suffix, document.path);
      replaced.push(document);
    }
  } catch (error) {
    for (const { path } of documents) rmSync(path + suffix, { force: true });
    for (const { path, before } of replaced)
      if (before === undefined) rmSync(path, { force: true });
      else writeFileSync(path, before);
    throw error;
  }
}
