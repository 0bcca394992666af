import type { Files } from "../project/template.ts";

/** What the template has changed in one file, and what that means for the author's. */
export type Change =
  | { readonly path: string; readonly kind: "write"; readonly text: string }
  | { readonly path: string; readonly kind: "remove" }
  /** Both have changed the same lines: `text` is the template's file. */
  | { readonly path: string; readonly kind: "conflict"; readonly text: string }
  /** The author has removed the file, keeps one that the template has given up, or has put something else there. */
  | { readonly path: string; readonly kind: "left"; readonly why: string };

/** A three-way merge of one text; `undefined` where both sides have changed the same lines. */
export type Merge = (mine: string, base: string, theirs: string) => string | undefined;

/** A file of the project as it is; without a text it is not there, and out of reach it is nothing that can be written. */
export interface Mine {
  readonly text: string | undefined;
  readonly outOfReach?: string;
}

/** What an upgrade does. `base`: the template as it was; `next`: as it is; `mine`: a file of the project as it is. */
export function changesOf(base: Files, next: Files, mine: (path: string) => Mine, merge: Merge): Change[] {
  const paths = [...new Set([...base.keys(), ...next.keys()])].toSorted();
  return paths.flatMap((path): Change[] => {
    const [before, after] = [base.get(path), next.get(path)];
    if (before === after) return [];
    const { text: own, outOfReach } = mine(path);
    if (outOfReach !== undefined) return [{ path, kind: "left", why: outOfReach }];
    if (own === after) return [];
    if (after === undefined)
      return [
        own === before
          ? { path, kind: "remove" }
          : { path, kind: "left", why: "the template no longer has it; yours differs" },
      ];
    if (own === undefined)
      return [
        before === undefined ? { path, kind: "write", text: after } : { path, kind: "left", why: "you removed it" },
      ];
    if (own === before) return [{ path, kind: "write", text: after }];
    const merged = merge(own, before ?? "", after);
    return [merged === undefined ? { path, kind: "conflict", text: after } : { path, kind: "write", text: merged }];
  });
}
