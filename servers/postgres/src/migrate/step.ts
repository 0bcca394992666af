import type { Inspection, Name } from "../guard/proof.ts";
import type { Tree } from "../guard/walk.ts";
import { quoted as quotedPart } from "../identifier.ts";
import { short } from "../one-line.ts";

/** A statement of a migration. */
export interface Step {
  /** From 1. */
  readonly number: number;
  /** Exactly as it is sent. */
  readonly sql: string;
  /** Where it begins in the text, from 1. */
  readonly line: number;
  readonly node: string;
  readonly body: Tree;
  readonly inspection: Inspection;
}

/** Characters of a statement that are shown in one line. */
const SHOWN = 101;

/** One line for people and models. The text is the migration's own. */
export function labelOf({ sql }: Pick<Step, "sql">): string {
  return short(sql, SHOWN);
}

/** `"a"."b"` for `to_regclass`. */
export function quoted(name: Name): string {
  return name.map(quotedPart).join(".");
}
