import { ToolError } from "@mooring/core";
import { arrayLiteral, type CatalogRow, type Database } from "../database.ts";
import type { Name } from "../guard/proof.ts";
import {
  deniedFunctions,
  harmlessExtensions,
  harmlessVolatile,
  trustedExtensions,
  writingVolatile,
} from "../guard/vouched.ts";
import { listOf, textOf } from "../parse-tree.ts";
import type { Step } from "./step.ts";

/**
 * What the names of a migration may mean now. Kinds: f function, o operator (not PostgreSQL's own), t type (the same).
 * Parameters: the last parts of the names.
 */
const meanings = `
  WITH visible AS (SELECT oid FROM pg_catalog.pg_namespace WHERE nspname = ANY (pg_catalog.current_schemas(true))),
       member AS (SELECT d.classid, d.objid, e.extname::text FROM pg_catalog.pg_depend d
                  JOIN pg_catalog.pg_extension e ON e.oid = d.refobjid
                  WHERE d.deptype = 'e' AND d.refclassid = 'pg_catalog.pg_extension'::regclass)
  SELECT 'f' AS kind, n.nspname::text AS schema, p.proname::text AS name, p.provolatile::text AS detail, m.extname AS extension,
         (n.oid IN (TABLE visible))::text AS visible
    FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
    LEFT JOIN member m ON m.classid = 'pg_catalog.pg_proc'::regclass AND m.objid = p.oid
   WHERE p.proname = ANY ($1::text[])
  UNION ALL
  SELECT 'o', n.nspname, o.oprname, '', m.extname, (n.oid IN (TABLE visible))::text
    FROM pg_catalog.pg_operator o JOIN pg_catalog.pg_namespace n ON n.oid = o.oprnamespace
    LEFT JOIN member m ON m.classid = 'pg_catalog.pg_operator'::regclass AND m.objid = o.oid
   WHERE o.oprname = ANY ($2::text[]) AND o.oid >= 16384
  UNION ALL
  -- Types whose use runs a function: domains with checks, casts of the database.
  SELECT 't', n.nspname, t.typname, '', m.extname, (n.oid IN (TABLE visible))::text
    FROM pg_catalog.pg_type t JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace
    LEFT JOIN member m ON m.classid = 'pg_catalog.pg_type'::regclass AND m.objid = t.oid
   WHERE t.typname = ANY ($3::text[]) AND t.oid >= 16384
     AND (EXISTS (SELECT FROM pg_catalog.pg_constraint c JOIN pg_catalog.pg_depend d
                    ON d.classid = 'pg_catalog.pg_constraint'::regclass AND d.objid = c.oid
                   AND d.refclassid = 'pg_catalog.pg_proc'::regclass AND d.refobjid >= 16384 WHERE c.contypid = t.oid)
          OR EXISTS (SELECT FROM pg_catalog.pg_cast c WHERE c.casttarget = t.oid AND c.castfunc >= 16384))`;

interface Meaning extends CatalogRow {
  readonly kind: string;
  readonly schema: string;
  readonly name: string;
  /** Volatility of a function. */
  readonly detail: string;
  readonly extension: string | null;
  /** `true`: found without its schema. */
  readonly visible: string;
}

/** Code that PostgreSQL has not vouched for, by the statement that names it. */
export interface NamedCode {
  /** Functions, operators and types of the database, or not there yet: their code may run. */
  readonly foreign: ReadonlyMap<Step, readonly string[]>;
  /** Functions that the migration replaces: whatever calls them runs the new code. */
  readonly replaced: ReadonlySet<Step>;
}

/**
 * Looks up every function, operator and type that a migration names.
 * @throws ToolError `denied` for a function that a ROLLBACK does not take back, or that reaches files and other servers
 */
export async function lookUpCode(database: Database, steps: readonly Step[], signal: AbortSignal): Promise<NamedCode> {
  const allowed = new Set(database.policy.allowFunctions);
  for (const step of steps)
    for (const name of step.inspection.functions)
      if (deniedFunctions.test(name.at(-1) ?? "") && !allowed.has(name.join("."))) throw reaching(step, name);

  const own = (step: Step): Name | undefined =>
    step.node === "CreateFunctionStmt" ? listOf(step.body["funcname"]).map((part) => textOf(part) ?? "") : undefined;
  const last = (names: readonly Name[]) => arrayLiteral([...new Set(names.map((name) => name.at(-1) ?? ""))]);
  const defined = steps.map(own).filter((name) => name !== undefined);
  const functions = [...steps.flatMap(({ inspection }) => inspection.functions), ...defined];
  const operators = steps.flatMap(({ inspection }) => inspection.operators);
  const types = steps.flatMap(({ inspection }) => inspection.types);
  const rows = await database.catalog<Meaning>(meanings, [last(functions), last(operators), last(types)], signal);
  const candidates = (kind: string, name: Name) =>
    rows.filter(
      (row) =>
        row.kind === kind &&
        row.name === name.at(-1) &&
        (name.length > 1 ? row.schema === name.at(-2) : row.visible === "true"),
    );

  const foreign = new Map<Step, string[]>();
  const replaced = new Set<Step>();
  for (const step of steps) {
    const { inspection } = step;
    const found = new Set<string>();
    for (const name of inspection.functions) {
      const overloads = candidates("f", name);
      // Not there yet: an earlier statement may make it.
      if (overloads.length === 0 && !allowed.has(name.join("."))) found.add(name.join("."));
      for (const row of overloads) {
        if (allowed.has(`${row.schema}.${row.name}`)) continue;
        const verdict = judge(row);
        if (verdict === "lasting") throw reaching(step, name);
        if (verdict === "foreign") found.add(`${row.schema}.${row.name}`);
      }
    }
    for (const name of inspection.operators)
      for (const row of candidates("o", name)) if (!trusted(row)) found.add(`operator ${row.schema}.${row.name}`);
    for (const name of inspection.types)
      for (const row of candidates("t", name)) if (!trusted(row)) found.add(`type ${row.schema}.${row.name}`);
    if (found.size > 0) foreign.set(step, [...found]);
    const name = own(step);
    if (name && candidates("f", name).length > 0) replaced.add(step);
  }
  return { foreign, replaced };
}

function judge({ schema, name, detail, extension }: Meaning): "sound" | "lasting" | "foreign" {
  const isVolatile = detail === "v";
  if (schema === "pg_catalog")
    return !isVolatile || harmlessVolatile.has(name) || writingVolatile.has(name) ? "sound" : "lasting";
  if (extension === null || !trustedExtensions.has(extension)) return "foreign";
  return isVolatile && !harmlessExtensions.has(extension) ? "foreign" : "sound";
}

function trusted({ extension }: Meaning): boolean {
  return extension !== null && trustedExtensions.has(extension);
}

function reaching({ number, line }: Step, name: Name): ToolError {
  const written = name.join(".");
  return new ToolError(
    "denied",
    `Statement ${number} (line ${line}): the function ${written} is not allowed in a migration: a rollback would not take back what it does.`,
    {
      hint: /^setval$/.test(name.at(-1) ?? "")
        ? "Use ALTER SEQUENCE … RESTART, which a rollback takes back."
        : "Leave it out.",
    },
  );
}
