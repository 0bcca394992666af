/** A name as written: its parts, the last one being the object's. */
export type Name = readonly string[];

/** What kind of statement it is, from its top node. */
export type StatementKind = "select" | "show" | "explain" | "insert" | "update" | "delete" | "merge" | "other";

/** What one statement holds, from its parse tree alone. */
export interface Inspection {
  readonly kind: StatementKind;
  /** Top node of the tree: `SelectStmt`, `IndexStmt`, … */
  readonly node: string;
  /** Why it cannot be a read-only statement; `undefined` when the tree allows it. */
  readonly refusal: string | undefined;
  readonly functions: readonly Name[];
  readonly operators: readonly Name[];
  readonly types: readonly Name[];
  readonly relations: readonly Name[];
  /** Last parts of dotted names that may be calls (`a.f` for `f(a)`). */
  readonly fields: readonly string[];
  /** It has an ORDER BY at the top. */
  readonly ordered: boolean;
  /** Highest `$n`. */
  readonly params: number;
}

/** A statement that was proved to only read. Made by the guard alone: nothing else runs through `read`. */
export interface Proof {
  readonly sql: string;
  readonly inspection: Inspection;
  readonly [proved]: true;
}

/** Held by `guard.ts` only. */
export const proved: unique symbol = Symbol("proved");
