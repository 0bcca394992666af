import { randomBytes } from "node:crypto";
import type { Databases } from "../database.ts";

const KEPT = 50;

/** Pictures of the last plans, as long as the process runs. */
export interface Pictures {
  /** Returns the id under which it can be read; nobody can guess it. */
  keep(database: string, svg: string): string;
  get(database: string, id: string): string | undefined;
}

export function createPictures(kept = KEPT): Pictures {
  const pictures = new Map<string, { readonly database: string; readonly svg: string }>();
  return {
    keep(database, svg) {
      const id = randomBytes(16).toString("hex");
      pictures.set(id, { database, svg });
      if (pictures.size > kept) pictures.delete(pictures.keys().next().value as string);
      return id;
    },
    get(database, id) {
      const found = pictures.get(id);
      return found?.database === database ? found.svg : undefined;
    },
  };
}

const all = new WeakMap<Databases, Pictures>();

/** Those of a server: tool and resource share them through what they both are given. */
export function picturesOf(databases: Databases): Pictures {
  let pictures = all.get(databases);
  if (!pictures) all.set(databases, (pictures = createPictures()));
  return pictures;
}

/** The URI of a kept picture. */
export function pictureUri(database: string, id: string): string {
  return `pg://${encodeURIComponent(database)}/plan/${id}.svg`;
}
