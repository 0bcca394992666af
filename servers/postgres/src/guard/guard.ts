import { ToolError } from "@mooring/core";
import { arrayLiteral, type CatalogRow } from "../database.ts";
import type { Policy } from "../policy.ts";
import type { Value } from "../row-set.ts";
import { samplingMethods } from "./nodes.ts";
import type { Parser } from "./parser.ts";
import { type Inspection, type Name, type Proof, proved, type ProveOptions, type StatementKind } from "./proof.ts";
import { type Candidate, resolution, viewDefinition } from "./resolve.ts";
import {
  deniedFunctions,
  deniedRelations,
  harmlessExtensions,
  harmlessVolatile,
  trustedExtensions,
  writingVolatile,
} from "./vouched.ts";

/** Runs SQL of ours in the database that is guarded. */
export type Ask = <Row extends CatalogRow>(
  text: string,
  values: readonly Value[],
  signal: AbortSignal,
) => Promise<Row[]>;

export interface Guard {
  /** Throws `invalid_input` for what is no SQL. */
  inspect(sql: string): Promise<Inspection>;
  /** Throws `denied` naming the construct and what to do instead. */
  prove(sql: string, signal: AbortSignal, options?: ProveOptions): Promise<Proof>;
}

/** What the catalog said is believed so long, in milliseconds. */
const BELIEVED = 30_000;
const VIEW_DEPTH = 16;
/** Texts whose inspection is remembered, and how long they may be. */
const REMEMBERED = 256;
const REMEMBERED_LENGTH = 4_096;

const reading: readonly StatementKind[] = ["select", "show", "explain"];

/**
 * Proves statements: the server's own parser, an allow-list over its tree, then the catalog about every name. Denies what
 * nobody vouched for, so that new syntax and new functions fail closed.
 */
export function createGuard(parser: Parser, ask: Ask, policy: Policy): Guard {
  const inspections = new Map<string, Inspection>();
  const resolved = new Map<string, { readonly rows: readonly Candidate[]; readonly until: number }>();
  const soundViews = new Map<string, number>();
  const allowed = new Set(policy.allowFunctions);

  async function inspect(sql: string): Promise<Inspection> {
    const known = inspections.get(sql);
    if (known) return known;
    const found = await parser.ask("inspect", sql);
    if ("statements" in found) throw manyStatements(found.statements);
    if (sql.length <= REMEMBERED_LENGTH) {
      if (inspections.size >= REMEMBERED) inspections.delete(inspections.keys().next().value as string);
      inspections.set(sql, found);
    }
    return found;
  }

  async function resolve(inspection: Inspection, signal: AbortSignal): Promise<readonly Candidate[]> {
    const { functions, operators, types, fields, relations } = inspection;
    const last = (names: readonly Name[]) => [...new Set(names.map((name) => name.at(-1) ?? ""))];
    const names = [last(functions), last(operators), last(types), fields, last(relations)];
    if (names.every((each) => each.length === 0)) return [];
    const key = JSON.stringify(names);
    const known = resolved.get(key);
    const now = Date.now();
    if (known && known.until > now) return known.rows;
    const rows = await ask<Candidate & CatalogRow>(resolution, names.map(arrayLiteral), signal);
    if (resolved.size > 1_000) resolved.clear();
    resolved.set(key, { rows, until: now + BELIEVED });
    return rows;
  }

  async function vouch(
    inspection: Inspection,
    signal: AbortSignal,
    writing: boolean,
    depth: number,
    seen: Set<string>,
  ): Promise<void> {
    for (const name of inspection.functions)
      if (deniedFunctions.test(name.at(-1) ?? "") && !allowed.has(name.join(".")))
        throw refused(`the function ${name.join(".")}`, "It can reach beyond the statement: leave it out.");
    for (const sampler of inspection.samplers)
      if (!samplingMethods.has(sampler)) throw refused(`the sampling method ${sampler}`, "Use BERNOULLI or SYSTEM.");
    for (const name of inspection.relations)
      if (name.length > 2) throw refused(`the name ${name.join(".")}`, "Leave the database out.");
    const rows = await resolve(inspection, signal);
    const candidates = (kind: string, name: Name) =>
      rows.filter(
        (row) =>
          row.kind === kind &&
          row.name === name.at(-1) &&
          (name.length > 1 ? row.schema === name.at(-2) : row.visible === "true"),
      );

    for (const name of inspection.functions) checkFunction(name, candidates("f", name), writing);
    for (const name of inspection.operators)
      for (const row of candidates("o", name))
        if (!trusted(row))
          throw refused(`the operator ${row.schema}.${row.name}`, "It is user-defined: write what it means.");
    for (const name of inspection.types)
      for (const row of candidates("t", name))
        if (row.runs === "true" && !trusted(row))
          throw refused(
            `the type ${row.schema}.${row.name}`,
            "Using it runs a function of the database: cast to a built-in type.",
          );
    for (const field of inspection.fields)
      for (const row of rows)
        if (row.kind === "c" && row.name === field && !trusted(row) && !allowed.has(`${row.schema}.${row.name}`))
          throw refused(`.${field}`, `It may call the function ${row.schema}.${row.name}: name the columns otherwise.`);
    for (const name of inspection.relations) await checkRelation(name, candidates("r", name), signal, depth, seen);
  }

  function checkFunction(name: Name, overloads: readonly Candidate[], writing: boolean): void {
    const written = name.join(".");
    if (overloads.length === 0)
      throw new ToolError("not_found", `There is no function ${written}, or it is not in the search path.`, {
        hint: "Write its schema, or correct the name.",
      });
    // Every one of them: which one runs is decided by the types of the arguments.
    for (const { schema, name: function_, detail, extension } of overloads) {
      if (allowed.has(`${schema}.${function_}`)) continue;
      if (schema === "pg_catalog") {
        const fine = detail !== "v" || harmlessVolatile.has(function_) || (writing && writingVolatile.has(function_));
        if (!fine) throw refused(`the function ${function_}`, "It has side effects: leave it out.");
      } else if (!(extension !== null && trustedExtensions.has(extension)))
        throw refused(
          `the function ${schema}.${function_}`,
          overloads.some((each) => each.schema === "pg_catalog")
            ? `It is user-defined: write pg_catalog.${function_} for the built-in one, or ask the person for --allow-function ${schema}.${function_}.`
            : `It is user-defined: ask the person for --allow-function ${schema}.${function_}.`,
        );
      else if (detail === "v" && !harmlessExtensions.has(extension) && function_ !== "pg_stat_statements")
        throw refused(`the function ${function_} of the extension ${extension}`, "It has side effects: leave it out.");
    }
  }

  async function checkRelation(
    name: Name,
    found: readonly Candidate[],
    signal: AbortSignal,
    depth: number,
    seen: Set<string>,
  ): Promise<void> {
    for (const row of found) {
      const { schema, name: relation, detail } = row;
      const id = `${schema}.${relation}`;
      if (isSystem(schema)) {
        if (deniedRelations.has(relation))
          throw refused(`the relation ${relation}`, "It holds credentials, configuration or raw values: leave it out.");
        continue;
      }
      if (detail !== "v" || trusted(row) || seen.has(id)) continue;
      seen.add(id);
      if ((soundViews.get(id) ?? 0) > Date.now()) continue;
      if (depth >= VIEW_DEPTH) throw refused(`the view ${id}`, "Views are nested too deep: query its tables.");
      const quoted = [schema, relation].map((part) => `"${part.replaceAll('"', '""')}"`).join(".");
      const [view] = await ask<{ definition: string | null }>(viewDefinition, [quoted], signal);
      if (view?.definition == null) throw refused(`the view ${id}`, "Its definition cannot be read.");
      try {
        const inspection = await inspect(view.definition);
        if (inspection.refusal !== undefined) throw refused(inspection.refusal, "");
        await vouch(inspection, signal, false, depth + 1, seen);
      } catch (error) {
        if (!(error instanceof ToolError) || error.kind === "unavailable") throw error;
        throw new ToolError(error.kind, `The view ${id}: ${error.message}`, {
          hint: error.hint ?? "Query its tables.",
        });
      }
      soundViews.set(id, Date.now() + BELIEVED);
    }
  }

  return {
    inspect,
    async prove(sql, signal, { kinds = reading, index = false } = {}) {
      const inspection = await inspect(sql);
      if (index) {
        if (inspection.node !== "IndexStmt")
          throw refused(inspection.node.replace(/Stmt$/, "").toUpperCase(), "Only CREATE INDEX can stand here.");
        if (inspection.indexRefusal !== undefined) throw refused(inspection.indexRefusal, "Leave it out of the index.");
        await vouch(inspection, signal, false, 0, new Set());
        return { sql, inspection, [proved]: true };
      }
      const { kind, strongest, refusal, writeRefusal, node } = inspection;
      const writing = kinds.some((each) => !reading.includes(each));
      const why = writing ? writeRefusal : refusal;
      if (why !== undefined) throw refused(why, hintFor(node));
      if (!kinds.includes(kind) || (strongest !== kind && kind !== "explain" && !kinds.includes(strongest)))
        throw refused(`${node.replace(/Stmt$/, "").toUpperCase()}`, `Only ${kinds.join(", ")} can be run here.`);
      // An explained change is planned, not run; what it would run is still read only by rule.
      if (kind === "explain" && !["select", "show"].includes(strongest))
        throw refused(`EXPLAIN of ${strongest.toUpperCase()}`, "Use `explain`.");
      checkSettings(inspection);
      if (kind !== "show") await vouch(inspection, signal, writing, 0, new Set());
      return { sql, inspection, [proved]: true };
    },
  };
}

/** Settings that may hold a secret or a command of the server's machine. */
const secretSettings =
  /^(all|primary_conninfo|ssl_passphrase_command|archive_command|restore_command|recovery_end_command|archive_cleanup_command)$/;

function checkSettings({ settings }: Inspection): void {
  for (const setting of settings)
    if (secretSettings.test(setting)) throw refused(`SHOW ${setting}`, "It may show a password: name another setting.");
}

function isSystem(schema: string): boolean {
  return schema === "pg_catalog" || schema === "information_schema" || schema === "pg_toast";
}

function trusted({ extension }: Candidate): boolean {
  return extension !== null && trustedExtensions.has(extension);
}

/** A refusal: what, and what to do instead. */
export function refused(what: string, instead: string): ToolError {
  return new ToolError("denied", `Refused: ${what} is not allowed where only reading is.`, { hint: instead });
}

function hintFor(node: string): string {
  if (/^(Insert|Update|Delete|Merge)Stmt$/.test(node)) return "`write` changes rows, at --access write.";
  if (/^(Transaction|VariableSet|Prepare|Execute|DeclareCursor|Fetch)/.test(node))
    return "Give the query alone: transactions and sessions are the server's.";
  if (/^(Create|Alter|Drop|Rename|Index|Truncate|Comment|View|Reindex|Vacuum)/.test(node))
    return "`migrate` changes the schema, at --access full.";
  return "Write one SELECT that only reads.";
}

function manyStatements(count: number): ToolError {
  return new ToolError(
    "invalid_input",
    count === 0 ? "There is no statement in the SQL." : `The SQL holds ${count} statements; one is allowed.`,
    {
      hint: count === 0 ? "Give one statement." : "Give them one at a time.",
    },
  );
}
