import { ToolError } from "@mooring/core";
import type { Database, Session } from "../database.ts";
import { findHypopg, forget, type Hypopg } from "../plan/hypothetical.ts";
import type { Plan } from "../plan/plan.ts";
import type { Advice, AdvisedStatement, Recommended, Rejected } from "./advice.ts";
import { type Candidate, deriveCandidates, type TableUse } from "./candidates.ts";
import { existingIndexes, type Finding } from "./existing.ts";
import { createIndex, type IndexDefinition, indexName, isVerifiable } from "./index-definition.ts";
import { indexBytes } from "./index-size.ts";
import { OutOfTime } from "./plan-costs.ts";
import { forbiddenSchema, isSystemSchema, maskedTest } from "./reach.ts";
import { recommendVerified } from "./recommend.ts";
import { chooseByRules } from "./rule-score.ts";
import { proveAll, type Skipped, type Statement } from "./statements.ts";
import { loadTables, type Table, tableKey } from "./tables.ts";
import { indexesIn, relationsIn, usesOf } from "./uses.ts";
import { createPlanner, type Planner } from "./what-if.ts";
import { loadWorkload, type Recorded } from "./workload.ts";
import { columnsSet, type Updated, upkeep, writesPerScan, type Written } from "./writes.ts";

export interface AdviseRequest {
  /** Statements; `workload`; `table:schema.name`. */
  readonly target: readonly string[] | string;
  /** Megabytes (of 10⁶ bytes) that new indexes may take; no limit when left out. */
  readonly budgetMb?: number | undefined;
  readonly maxSeconds: number;
  /** Candidates that are searched, at most 30. All that are useful when left out. */
  readonly mostCandidates?: number;
}

export interface AdviseContext {
  readonly signal: AbortSignal;
  /** Of the call, in milliseconds since the epoch: answered before it. */
  readonly deadline: number;
  progress?(done: number, total?: number, message?: string): void;
}

/** Kept of the time for what comes after the last EXPLAIN. */
const RESERVE = 0.1;
/** Shares of the time after which proving, planning and proving candidates stop, so that something is left to choose by. */
const PROVING = 0.25;
const PLANNING = 0.45;
const PROVING_CANDIDATES = 0.55;
const STEPS = 100;
/** Sizes are estimates, good to some hundredths: that much of the budget stays unspent. */
const SIZE_ERROR = 0.03;

/** A statement with its plan as things are. */
export interface Planned extends Statement {
  readonly plan: Plan;
}

/**
 * Indexes for statements, a workload or a table: thought of by the plans, chosen by the planner where hypopg is installed, by the
 * statistics otherwise. Plans statements and never runs them.
 * @throws ToolError where the target cannot be read at all; single statements are skipped with the reason
 */
export async function advise(database: Database, request: AdviseRequest, context: AdviseContext): Promise<Advice> {
  const { signal } = context;
  const started = Date.now();
  const room = Math.max(0, context.deadline - started);
  const until = started + Math.min(request.maxSeconds * 1_000, room * 0.8) * (1 - RESERVE);
  const at = (share: number) => started + (until - started) * share;
  const progress = (share: number, message: string) => context.progress?.(Math.round(share * STEPS), STEPS, message);

  const { given, tableOnly, notes } = await targets(database, request.target, signal);
  const facts = await database.facts(signal);
  const { statements, skipped, ignored } = await proveAll(database, given, signal, at(PROVING));
  progress(0.05, "proved");

  let hypopg: Hypopg | undefined;
  return await database.reading(
    async (session) => {
      const planner = await createPlanner(session, at(PLANNING));
      hypopg = await findHypopg(session, facts);
      const planned = await planAll(planner, statements, tableOnly);
      planner.until = until;
      const allSkipped = [...skipped, ...planned.skipped];
      progress(0.1, "planned");

      const ask: Database["catalog"] = (text, values) => session.rows(text, values);
      const names = [...planned.done.flatMap(({ plan }) => relationsIn(plan)), ...(tableOnly ? [tableOnly] : [])];
      const { tables, owner } = await loadTables(
        ask,
        names.filter(({ schema }) => !isSystemSchema(schema)),
        database.policy,
        signal,
      );
      const byOid = new Map(tables.map((table) => [table.oid, table]));
      const tableOf = (schema: string, table: string) => byOid.get(owner.get(tableKey({ schema, table })) ?? "");
      await session.query("ROLLBACK TO SAVEPOINT advise");

      const { kept, uses, forbidden } = await usesOfAll(database, planned.done, tableOf);
      allSkipped.push(...forbidden);
      const { updated, written } = await changes(database, kept, tableOf);
      const wanted = tableOnly ? tableOf(tableOnly.schema, tableOnly.table) : undefined;
      if (tableOnly && !wanted)
        throw new ToolError("not_found", "There is no such table, or it is a view.", {
          hint: "Write table:schema.name, as `schema` lists it.",
        });
      const relevant = wanted ? uses.filter(({ table }) => table === wanted) : uses;
      const { candidates, unavailable } = deriveCandidates(relevant, {
        extensions: facts.extensions,
        mask: database.policy.mask,
      });
      const { proved, late } = await provedCandidates(database, candidates, signal, at(PROVING_CANDIDATES));

      const unit = kept.some(({ ms }) => ms !== undefined) ? "ms" : "cost";
      const weights = kept.map(({ ms, calls, plan }) =>
        ms === undefined ? calls : ms / Math.max(plan.root.cost, 0.01),
      );
      const charge = (definition: IndexDefinition) =>
        upkeep(
          definition,
          updated.get(definition.table.oid) ?? new Set(),
          unit === "ms"
            ? { unit, written: written.get(definition.table.oid) ?? { inserted: 0, updated: 0 } }
            : { unit, reads: relevant.filter(({ table }) => table === definition.table).length },
        );
      const budget =
        request.budgetMb === undefined ? Number.POSITIVE_INFINITY : request.budgetMb * 1e6 * (1 - SIZE_ERROR);
      const verifiable = proved.filter(({ definition }) => isVerifiable(definition));
      const taken = new Set(await relationNames(session, tables));
      const naming = (definition: IndexDefinition) =>
        `${createIndex(definition, { name: indexName(definition, taken), concurrently: !definition.table.partitions })};`;

      const verified = hypopg
        ? await recommendVerified(session, planner, hypopg, {
            statements: kept,
            candidates: verifiable,
            weights,
            charge,
            budget,
            most: request.mostCandidates,
            until,
            progress: (share, message) => progress(0.1 + 0.85 * share, message),
          })
        : undefined;
      const rest = verified ? proved.filter(({ definition }) => !isVerifiable(definition)) : proved;
      const ruled = byRules(rest, relevant, weights, budget, kept);

      const recommended: Recommended[] = [...(verified?.chosen ?? []), ...ruled.chosen].map((each) => ({
        ...each,
        ddl: naming(each.definition),
        upkeep: charge(each.definition),
        notes: indexNotes(each.definition),
      }));
      const seen = wanted ? [wanted] : tables.filter((table) => relevant.some((use) => use.table === table));
      const used = new Set(kept.flatMap(({ plan }) => indexesIn(plan)));
      const [since] = await session.rows<{ since: string | null }>(
        "SELECT stats_reset::text AS since FROM pg_catalog.pg_stat_database WHERE datname = current_database()",
      );
      return {
        target: tableOnly ? "table" : request.target === "workload" ? "workload" : "statements",
        hypopg: hypopg && (facts.extensions.get("hypopg") ?? ""),
        recommended,
        findings: seen.flatMap((table) =>
          existingIndexes(
            table,
            recommended.map(({ definition }) => definition),
            used,
          ),
        ) as Finding[],
        rejected: [...(verified?.rejected ?? []), ...ruled.rejected],
        unavailable: unavailable.map(({ table, what, why }) => `${table.schema}.${table.name} ${what}: ${why}`),
        statements: kept.map(({ id, explainable, calls, ms, plan }, i): AdvisedStatement => ({
          id,
          sql: explainable.proof.sql,
          calls,
          ms,
          before: plan.root.cost,
          after: verified?.after[i] ?? plan.root.cost,
        })),
        skipped: allSkipped,
        ignored: ignored + planned.ignored.size,
        candidates: proved.length,
        searched: verified?.searched ?? [],
        explained: planner.explained,
        exact: verified?.exact ?? false,
        cut: planned.cut || late || (verified?.cut ?? false),
        budgetMb: request.budgetMb,
        statisticsSince: since?.since ?? undefined,
        notes,
      } satisfies Advice;
    },
    {
      signal,
      async cleanup(session) {
        if (hypopg) await forget(session, hypopg);
      },
    },
  );
}

interface Targets {
  readonly given: readonly (Recorded | string)[];
  readonly tableOnly: { readonly schema: string; readonly table: string } | undefined;
  readonly notes: readonly string[];
}

async function targets(database: Database, target: AdviseRequest["target"], signal: AbortSignal): Promise<Targets> {
  if (typeof target !== "string") return { given: target, tableOnly: undefined, notes: [] };
  if (target === "workload") {
    const { statements, hidden } = await loadWorkload(database, signal);
    return { given: statements, tableOnly: undefined, notes: hiddenNote(hidden) };
  }
  const [, written] = /^table:(.+)$/s.exec(target) ?? [];
  if (written === undefined)
    throw new ToolError("invalid_input", "target is an array of statements, `workload`, or `table:schema.name`.", {
      hint: "Put a single statement into an array.",
    });
  const tableOnly = await resolveTable(database, written, signal);
  const forbidden = forbiddenSchema(database.policy, [tableOnly.schema]);
  if (forbidden !== undefined)
    throw new ToolError("denied", `The schema ${forbidden} is not to be read here.`, {
      hint: "Choose a table of another schema.",
    });
  try {
    const { statements, hidden } = await loadWorkload(database, signal);
    return { given: statements, tableOnly, notes: hiddenNote(hidden) };
  } catch (error) {
    // The table's statistics say something even so.
    if (!(error instanceof ToolError) || error.kind !== "unavailable") throw error;
    return { given: [], tableOnly, notes: [`${error.message} So only the table's statistics were looked at.`] };
  }
}

function hiddenNote(hidden: number): string[] {
  return hidden === 0
    ? []
    : [`${hidden} statements of other roles are hidden from this login; pg_read_all_stats would show them.`];
}

async function resolveTable(
  database: Database,
  written: string,
  signal: AbortSignal,
): Promise<{ schema: string; table: string }> {
  const [found] = await database
    .catalog<{ schema: string; name: string }>(
      `SELECT n.nspname AS schema, c.relname AS name FROM pg_catalog.pg_class c
         JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = to_regclass($1) AND c.relkind IN ('r', 'p', 'm')`,
      [written],
      signal,
    )
    .catch((error: unknown) => {
      // invalid_name and syntax errors of the name itself.
      if (String((Object(error) as { code?: unknown }).code).startsWith("42")) return [];
      throw error;
    });
  if (!found)
    throw new ToolError("not_found", "There is no such table, or it is a view.", {
      hint: "Write table:schema.name, as `schema` lists it.",
    });
  return { schema: found.schema, table: found.name };
}

/** Statements that read nothing but the catalog, or another table than asked for, are ignored. */
async function planAll(
  planner: Planner,
  statements: readonly Statement[],
  only: { readonly schema: string; readonly table: string } | undefined,
) {
  const done: Planned[] = [];
  const skipped: Skipped[] = [];
  const ignored = new Set<string>();
  let cut = false;
  for (const statement of statements) {
    try {
      const plan = await planner.plan(statement.explainable);
      const relations = relationsIn(plan);
      const concerns = relations.some(
        ({ schema, table }) => !isSystemSchema(schema) && (!only || (only.schema === schema && only.table === table)),
      );
      if (concerns) done.push({ ...statement, plan });
      else if (statement.ms !== undefined) ignored.add(statement.id);
      else
        skipped.push({ id: statement.id, sql: statement.explainable.proof.sql, why: "It reads no table of its own." });
    } catch (error) {
      if (error instanceof OutOfTime) {
        cut = true;
        break;
      }
      const { code, message } = Object(error) as { code?: unknown; message?: unknown };
      // Classes that are about the statement; a lost connection or a cancel ends the call.
      if (typeof code !== "string" || !/^(0A|22|42|54|XX000|57014)/.test(code)) throw error;
      skipped.push({
        id: statement.id,
        sql: statement.explainable.proof.sql,
        why: `PostgreSQL cannot plan it: ${String(message)}`,
      });
    }
  }
  return { done, skipped, ignored, cut };
}

async function usesOfAll(
  database: Database,
  planned: readonly Planned[],
  tableOf: (schema: string, table: string) => Table | undefined,
): Promise<{
  readonly kept: readonly Planned[];
  readonly uses: readonly TableUse[];
  readonly forbidden: readonly Skipped[];
}> {
  const kept: Planned[] = [];
  const uses: TableUse[] = [];
  const forbidden: Skipped[] = [];
  for (const each of planned) {
    const refuse = (why: string) => forbidden.push({ id: each.id, sql: each.explainable.proof.sql, why });
    const schema = forbiddenSchema(
      database.policy,
      relationsIn(each.plan).map((relation) => relation.schema),
    );
    if (schema !== undefined) {
      refuse(`Refused: the schema ${schema} is not to be read here.`);
      continue;
    }
    const own = await usesOf(each.plan, (sql) => database.trees(sql));
    const masked = own.map((use) => maskedTest(database.policy, use)).find((column) => column !== undefined);
    if (masked !== undefined) {
      refuse(`Refused: ${masked} is masked, and so of no use in conditions.`);
      continue;
    }
    const statement = kept.push(each) - 1;
    for (const use of own) {
      const table = tableOf(use.schema, use.table);
      if (table) uses.push({ statement, use, table });
    }
  }
  return { kept, uses, forbidden };
}

/** Columns that statements set, and rows that they changed, by the oid of the table. */
async function changes(
  database: Database,
  planned: readonly Planned[],
  tableOf: (schema: string, table: string) => Table | undefined,
): Promise<{ readonly updated: Updated; readonly written: ReadonlyMap<string, Written> }> {
  const updated = new Map<string, Set<string>>();
  const written = new Map<string, Written>();
  for (const { explainable, plan, rows } of planned) {
    const { strongest, kind } = explainable.proof.inspection;
    if (strongest === "select") continue;
    const [tree] = await database.trees(explainable.proof.sql);
    const [target] = plan.nodes.filter(({ type }) => type === "ModifyTable");
    const { Schema: schema, "Relation Name": name } = target?.raw ?? {};
    const table = typeof schema === "string" && typeof name === "string" ? tableOf(schema, name) : undefined;
    if (!tree || !table) continue;
    const columns = updated.get(table.oid) ?? new Set();
    for (const column of columnsSet(tree)) columns.add(column);
    updated.set(table.oid, columns);
    const before = written.get(table.oid) ?? { inserted: 0, updated: 0 };
    written.set(table.oid, {
      inserted: before.inserted + (kind === "insert" ? rows : 0),
      updated: before.updated + (kind === "update" ? rows : 0),
    });
  }
  return { updated, written };
}

/** A hypothetical index runs its expressions when a query is planned: they need the same proof as a query. */
async function provedCandidates(
  database: Database,
  candidates: readonly Candidate[],
  signal: AbortSignal,
  until: number,
): Promise<{ readonly proved: readonly Candidate[]; readonly late: boolean }> {
  const proved: Candidate[] = [];
  for (const candidate of candidates) {
    if (Date.now() >= until) return { proved, late: true };
    const fine = await database.prove(createIndex(candidate.definition), signal, { index: true }).then(
      () => true,
      (error: unknown) => {
        if (
          error instanceof ToolError &&
          (error.kind === "denied" || error.kind === "invalid_input" || error.kind === "not_found")
        )
          return false;
        throw error;
      },
    );
    if (fine) proved.push(candidate);
  }
  return { proved, late: false };
}

function byRules(
  candidates: readonly Candidate[],
  uses: readonly TableUse[],
  weights: readonly number[],
  budget: number,
  statements: readonly Planned[],
): {
  readonly chosen: readonly Omit<Recommended, "ddl" | "upkeep" | "notes">[];
  readonly rejected: readonly Rejected[];
} {
  // Whether carrying columns along pays is for the planner to say: it depends on how much VACUUM has seen.
  const plain = candidates.map(({ definition }) => definition).filter(({ include }) => include.length === 0);
  const ruled = chooseByRules(plain, uses, weights);
  const chosen: Omit<Recommended, "ddl" | "upkeep" | "notes">[] = [];
  const rejected: Rejected[] = [];
  let spent = 0;
  for (const { definition, gains } of ruled) {
    const bytes = indexBytes(definition);
    if (spent + (bytes ?? 0) > budget) {
      rejected.push({ definition, bytes, why: "does not fit into the budget beside the others" });
      continue;
    }
    spent += bytes ?? 0;
    chosen.push({
      definition,
      bytes,
      verified: false,
      gains: [...gains].map(([statement, gain]) => {
        const before = statements[statement]?.plan.root.cost ?? 0;
        return { id: statements[statement]?.id ?? "", before, after: Math.max(0, before - gain), change: undefined };
      }),
    });
  }
  return { chosen, rejected };
}

async function relationNames(session: Session, tables: readonly Table[]): Promise<string[]> {
  if (tables.length === 0) return [];
  const rows = await session.rows<{ name: string }>(
    `SELECT DISTINCT c.relname AS name FROM pg_catalog.pg_class c
      WHERE c.relnamespace IN (SELECT relnamespace FROM pg_catalog.pg_class WHERE oid = ANY ($1::oid[]))`,
    [`{${tables.map(({ oid }) => oid).join(",")}}`],
  );
  return rows.map(({ name }) => name);
}

function indexNotes(definition: IndexDefinition): string[] {
  const { table, method } = definition;
  const notes: string[] = [];
  if (table.partitions)
    notes.push(
      "partitioned: this locks writes; build it on each partition CONCURRENTLY, then ON ONLY the parent, and ATTACH",
    );
  if (method === "hnsw") notes.push("approximate: answers may miss rows; raise maintenance_work_mem to build it");
  if (method === "brin") notes.push("good as long as rows come in this order");
  const writes = writesPerScan(table);
  if (writes !== undefined && writes > 1) notes.push(`written ${writes.toFixed(1)} times for each scan of the table`);
  return notes;
}
