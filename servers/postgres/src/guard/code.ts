import { FIRST_OWN } from "./resolve.ts";
import { harmlessExtensions, harmlessVolatile, procedural, trustedExtensions, writingVolatile } from "./vouched.ts";

/** What the catalog says of one function. */
export interface Code {
  readonly schema: string;
  readonly name: string;
  readonly oid: string;
  /** Volatility: i, s or v. */
  readonly detail: string;
  readonly extension: string | null;
  readonly language: string | null;
  readonly sound: string | null;
  readonly raw: string | null;
}

/** `effects`: PostgreSQL's or an extension's, with side effects. `own`: somebody's of this database. */
export type Verdict = "fine" | "effects" | "own";

/** Whether a function may run in a statement that only reads. */
export function judge(code: Code, allowed: ReadonlySet<string>, writing = false): Verdict {
  const { schema, name, detail, raw, extension } = code;
  if (allowed.has(`${schema}.${name}`)) return "fine";
  if (isBuiltIn(code)) {
    if (raw === "true") return "effects";
    return detail !== "v" || harmlessVolatile.has(name) || (writing && writingVolatile.has(name)) ? "fine" : "effects";
  }
  if (!isTrusted(code)) return "own";
  return detail !== "v" || harmlessExtensions.has(extension ?? "") || name === "pg_stat_statements"
    ? "fine"
    : "effects";
}

/**
 * PostgreSQL's own, as it was made. The schema says nothing: a superuser may put functions into pg_catalog, and may replace
 * those that are there, though in another language.
 */
function isBuiltIn({ schema, oid, language }: Code): boolean {
  return (
    (schema === "pg_catalog" || schema === "information_schema") &&
    Number(oid) < FIRST_OWN &&
    /^(internal|c|sql)$/.test(language ?? "")
  );
}

// Whoever owns an extension may put functions of his own into it; only a superuser's count.
function isTrusted({ extension, language, sound }: Code): boolean {
  if (extension === null || !trustedExtensions.has(extension) || sound !== "true") return false;
  return /^(internal|c|sql)$/.test(language ?? "") || procedural.has(extension);
}

/**
 * Whether a function may run where nobody named it: to read or write a value of a type, to compare two. Those that an
 * extension brings in C are taken as what they are said to be.
 */
export function runsUnnamed(code: Code, allowed: ReadonlySet<string>): boolean {
  // Input and output functions take what SQL has no values of; that is their calling.
  const verdict = judge({ ...code, raw: "false" }, allowed);
  if (verdict !== "own") return verdict === "fine";
  return code.extension !== null && code.language === "c" && code.detail !== "v" && code.sound === "true";
}
