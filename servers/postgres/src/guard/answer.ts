import { fingerprintSync, loadModule, normalizeSync, parseSync, SqlError } from "libpg-query";
import type { Inspection, StatementPart } from "./proof.ts";
import { inspectTree, type Tree } from "./walk.ts";

/** What is asked of the parser. */
export type Question = "inspect" | "statements" | "tree" | "normalize" | "fingerprint";

export interface Answers {
  readonly inspect: Inspection | { readonly statements: number };
  readonly statements: readonly StatementPart[];
  /** The trees of the statements, as libpg-query gives them. */
  readonly tree: readonly Tree[];
  /** The text with `$n` for literals. */
  readonly normalize: string;
  readonly fingerprint: string;
}

export interface Asked {
  readonly id: number;
  readonly question: Question;
  readonly sql: string;
}

export interface Answered {
  readonly id: number;
  readonly answer?: Answers[Question];
  /** What the parser says of a text that is no SQL; `at` in characters, 0 where it does not say. */
  readonly syntax?: { readonly message: string; readonly at: number };
  /** The parser itself broke: this thread answers nothing more. */
  readonly broken?: string;
}

interface Parsed {
  readonly stmt?: Tree;
  readonly stmt_location?: number;
  readonly stmt_len?: number;
}

const parse = (sql: string) =>
  ((parseSync(sql) as { stmts?: readonly Parsed[] }).stmts ?? []).filter(({ stmt }) => stmt);

const answers: { readonly [Q in Question]: (sql: string) => Answers[Q] } = {
  inspect(sql) {
    const all = parse(sql);
    return all.length === 1 && all[0]?.stmt ? inspectTree(all[0].stmt) : { statements: all.length };
  },
  // Offsets are in bytes of UTF-8 (libpg_query); a length of 0 means up to the end.
  statements(sql) {
    const bytes = Buffer.from(sql);
    return parse(sql).map(({ stmt = {}, stmt_location: from = 0, stmt_len: length = 0 }) => {
      const piece = bytes.subarray(from, length > 0 ? from + length : bytes.length).toString();
      const inspection = inspectTree(stmt);
      return { sql: piece, start: bytes.subarray(0, from).toString().length, node: inspection.node, inspection };
    });
  },
  tree: (sql) => parse(sql).map(({ stmt = {} }) => stmt),
  normalize: (sql) => normalizeSync(sql),
  fingerprint: (sql) => fingerprintSync(sql),
};

/** To be awaited before the first {@link answer}. */
export const load = loadModule;

/** Total: what the parser says, or that it broke. Nothing may be asked of an instance that broke. */
export function answer({ id, question, sql }: Asked): Answered {
  try {
    return { id, answer: answers[question](sql) };
  } catch (error) {
    if (error instanceof SqlError)
      return { id, syntax: { message: error.message, at: error.sqlDetails?.cursorPosition ?? 0 } };
    // A stack that ran over leaves the instance in an unknown state.
    return { id, broken: error instanceof Error ? error.message : "failed" };
  }
}
