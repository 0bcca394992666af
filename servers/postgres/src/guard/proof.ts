import type { MaskedColumn } from "./masked-columns.ts";

/** A name as written: its parts, the last one being the object's. */
export type Name = readonly string[];

/** What kind of statement it is, from its top node. */
export type StatementKind = "select" | "show" | "explain" | "insert" | "update" | "delete" | "merge" | "other";

/** What one statement holds, from its parse tree alone. */
export interface Inspection {
  readonly kind: StatementKind;
  /** The strongest thing in it: a SELECT whose CTE deletes is a `delete`. Equals `kind` where nothing stronger is inside. */
  readonly strongest: StatementKind;
  /** Top node of the tree: `SelectStmt`, `IndexStmt`, … */
  readonly node: string;
  /** Why it cannot be a read-only statement; `undefined` when the tree allows it. */
  readonly refusal: string | undefined;
  /** Why it is not even a statement that changes rows and nothing else; `undefined` when the tree allows that. */
  readonly writeRefusal: string | undefined;
  /** Why it is no CREATE INDEX whose parts only read; `undefined` when the tree allows that. Left out for other statements. */
  readonly indexRefusal?: string | undefined;
  readonly functions: readonly Name[];
  /** Functions that servers before 17 call where the grammar of 18 has a keyword: `json_value(…)`. */
  readonly spelled: readonly Name[];
  readonly operators: readonly Name[];
  readonly types: readonly Name[];
  /** Without those that are names of WITH where they stand. */
  readonly relations: readonly Name[];
  /** Last parts of dotted names that may be calls (`a.f` for `f(a)`). */
  readonly fields: readonly string[];
  /** Those of them that may be calls with an argument of any type, not only with a row: `(1).f`, `g.f` of a function in FROM. */
  readonly calls: readonly string[];
  /** Sampling methods of TABLESAMPLE. */
  readonly samplers: readonly string[];
  /** Settings read by SHOW and by `current_setting` with a literal. */
  readonly settings: readonly string[];
  /** It calls `current_setting` with something else than a literal. */
  readonly anySetting: boolean;
  /** It sorts, groups, calls or computes something, so that values may be compared. */
  readonly compares: boolean;
  /** It has an ORDER BY at the top. */
  readonly ordered: boolean;
  /** Highest `$n`. */
  readonly params: number;
  /** SHA-256 of the tree without places in the text; of an EXPLAIN or a PREPARE, that of the statement inside. */
  readonly hash: string;
}

/** One of several statements, cut where the parser says. */
export interface StatementPart {
  /** Exactly as it stands in the text, without the semicolon. */
  readonly sql: string;
  /** Where it begins, in UTF-16 units. */
  readonly start: number;
  readonly node: string;
  readonly inspection: Inspection;
}

/** A statement that was proved. Made by the guard alone: nothing else runs through `read`. */
export interface Proof {
  readonly sql: string;
  readonly inspection: Inspection;
  /** Columns whose values must not be shown; left out where the operator masks none. */
  readonly masks?: readonly MaskedColumn[];
  /** A masked column may be among the columns of the answer: it cannot go anywhere but through `maskRows`. */
  readonly showsMasked?: boolean;
  readonly [proved]: true;
}

/** Held by `guard.ts` only. */
export const proved: unique symbol = Symbol("proved");

export interface ProveOptions {
  /** Kinds of statements that may pass, by the strongest thing in them. Default: select, show, explain. */
  readonly kinds?: readonly StatementKind[];
  /** Only a CREATE INDEX may pass, for hypothetical ones: its expressions run when a query is planned. */
  readonly index?: boolean;
}
