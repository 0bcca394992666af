import { randomBytes } from "node:crypto";
import { ToolError } from "@mooring/core";
import type { Database, ServerFacts, Session } from "../database.ts";
import type { Proof, StatementKind } from "../guard/proof.ts";
import { noFacts, planFacts, type PlanFacts } from "./facts.ts";
import { checkParams } from "../params.ts";
import { findHypopg, forget, hide, type Hypopg, pretend } from "./hypothetical.ts";
import { parsePlan } from "./parse.ts";
import { number, type Plan } from "./plan.ts";
import { checkWrapped, explainOptions, explainText, prepareText, type WrapperOptions } from "./wrapper.ts";

export interface ExplainRequest {
  readonly sql: string;
  /** Values of `$1` and on. Without them a text with `$n` gets its generic plan. */
  readonly params?: readonly string[] | undefined;
  /** Runs it, which takes what it takes; only for what is proved to read. */
  readonly analyze?: boolean | undefined;
  /** CREATE INDEX statements, pretended by hypopg. */
  readonly hypotheticalIndexes?: readonly string[] | undefined;
  /** Names of indexes that the planner shall not see. */
  readonly hideIndexes?: readonly string[] | undefined;
  /** Also the plan without pretended and with hidden indexes. */
  readonly compare?: boolean | undefined;
  /** Default: true. */
  readonly verbose?: boolean | undefined;
  readonly signal: AbortSignal;
}

export interface Explained {
  readonly plan: Plan;
  /** As things are, where `compare` was asked for and indexes could be pretended or hidden. */
  readonly without: Plan | undefined;
  readonly facts: PlanFacts;
  /** What the reader must know of how the plan was made. */
  readonly notes: readonly string[];
}

/** A statement that may be planned in any session of its database, as often as needed. */
export interface Explainable {
  readonly proof: Proof;
  readonly params: readonly string[];
  /** `$n` has no values: the plan is PostgreSQL's generic one. */
  readonly generic: boolean;
  readonly options: WrapperOptions;
  /** What is sent: our EXPLAIN around the statement, or for a generic plan our PREPARE around it. */
  readonly text: string;
  /** Of the prepared statement. */
  readonly name: string;
}

const planned: readonly StatementKind[] = ["select", "insert", "update", "delete", "merge"];
/** Bytes of an EXPLAIN that are taken. */
const MOST_BYTES = 8_000_000;

/**
 * Proves a statement and the EXPLAIN around it. What is measured must only read; what is planned may change rows, since it is
 * not run, but its functions pass the same checks: the planner calls them.
 * @throws ToolError `denied` or `invalid_input`
 */
export async function explainable(database: Database, request: ExplainRequest): Promise<Explainable> {
  const { sql, analyze = false, signal } = request;
  const { kind } = await database.inspect(sql, signal);
  if (kind === "explain")
    throw new ToolError("invalid_input", "The SQL begins with EXPLAIN itself.", {
      hint: "Give the statement alone; `analyze: true` measures it.",
    });
  if (analyze && kind !== "select" && planned.includes(kind)) throw onlyReads();
  if (kind === "show") throw new ToolError("invalid_input", "SHOW has no plan.", { hint: "Run it with `query`." });
  const proof = await database.prove(sql, signal, { kinds: analyze ? ["select"] : planned });
  return wrapped(database, proof, request);
}

/**
 * The same for a statement that is proved already. `analyze` is for proofs of kind `select`.
 * @throws ToolError `denied` or `invalid_input`
 */
async function wrapped(
  database: Database,
  proof: Proof,
  { params, analyze = false, verbose = true, signal }: Omit<ExplainRequest, "sql">,
): Promise<Explainable> {
  if (analyze && proof.inspection.refusal !== undefined) throw onlyReads();
  const wanted = proof.inspection.params;
  const generic = wanted > 0 && params === undefined;
  if (!generic) checkParams(proof, params ?? [], ", or leave params out for the generic plan");
  if (generic && analyze)
    throw new ToolError("invalid_input", "To be measured the statement needs values for its parameters.", {
      hint: "Give params, or leave analyze out.",
    });
  const { versionNumber: version } = await database.facts(signal);
  const options: WrapperOptions = { analyze, verbose, version };
  const name = `mooring_plan_${randomBytes(6).toString("hex")}`;
  const text = generic ? prepareText(proof.sql, name) : explainText(proof.sql, options);
  await checkWrapped(database, text, proof.inspection, generic ? "PrepareStmt" : "ExplainStmt", signal);
  return { proof, params: params ?? [], generic, options, text, name };
}

function onlyReads(): ToolError {
  return new ToolError("denied", "Only what reads can be measured.", {
    hint: "Leave analyze out: the plan is shown without running it.",
  });
}

/**
 * Plans it in a session, with what that session pretends. Leaves nothing behind, also where it fails.
 * @throws ToolError `too_large`, and what PostgreSQL answers
 */
export async function planIn(session: Session, statement: Explainable): Promise<Plan> {
  return statement.generic
    ? await genericPlan(session, statement)
    : await answer(session, statement.text, statement.params);
}

// GENERIC_PLAN (16) takes `$n` for its own only in the simple protocol; in the extended one it plans for the values bound. So
// PREPARE, on every version; EXPLAIN EXECUTE has to have values, and NULL will do.
async function genericPlan(session: Session, { text, name, options, proof }: Explainable): Promise<Plan> {
  const values = Array<string>(proof.inspection.params).fill("NULL").join(", ");
  // From 16 on it keeps the NULLs from pruning partitions when the plan is started.
  const generic = options.version >= 160_000 ? ", GENERIC_PLAN" : "";
  await session.query("SET LOCAL plan_cache_mode = force_generic_plan");
  await session.query("SAVEPOINT mooring_plan");
  let prepared = false;
  try {
    await session.query(text);
    prepared = true;
    return await answer(session, `EXPLAIN (${explainOptions(options)}${generic}) EXECUTE ${name}(${values})`, []);
  } finally {
    // PREPARE outlives the transaction. A cancelled or lost session cannot be cleaned, and is closed by its owner.
    if (prepared)
      await session
        .query("ROLLBACK TO SAVEPOINT mooring_plan")
        .then(() => session.query(`DEALLOCATE ${name}`))
        .catch(() => {});
  }
}

async function answer(session: Session, text: string, values: readonly string[]): Promise<Plan> {
  const { rows, cut } = await session.query(text, values, { maxRows: 1, maxBytes: MOST_BYTES });
  const json = rows[0]?.[0];
  if (cut === "bytes" || json == null)
    throw new ToolError("too_large", "The plan is larger than 8 MB.", {
      hint: "Name fewer partitions or shorter lists of values.",
    });
  return parsePlan(json);
}

/**
 * The plan of one statement, in a transaction that is read only and rolled back.
 * @throws ToolError `denied`, `invalid_input`, `timeout`; what PostgreSQL answers
 */
export async function explainPlan(database: Database, request: ExplainRequest): Promise<Explained> {
  const { signal, analyze = false, compare = false } = request;
  const indexes = request.hypotheticalIndexes ?? [];
  const hidden = request.hideIndexes ?? [];
  const what = indexes.length + hidden.length > 0;
  if (analyze && what)
    throw new ToolError("invalid_input", "A plan with indexes that do not exist, or are hidden, cannot be run.", {
      hint: "Leave analyze out, or the indexes.",
    });
  if (compare && !what)
    throw new ToolError("invalid_input", "There is nothing to compare.", {
      hint: "Give hypothetical_indexes or hide_indexes.",
    });

  const statement = await explainable(database, request);
  for (const index of indexes) await database.prove(index, signal, { index: true });
  const server = await database.facts(signal);
  let hypopg: Hypopg | undefined;
  return await database.reading(
    async (session) => {
      const notes: string[] = statement.generic ? ["Generic plan: no values for its parameters."] : [];
      if (!what) {
        const plan = await measured(session, statement);
        return {
          plan,
          facts: await factsOf(session, plan, server),
          without: undefined,
          notes: [...notes, ...pruning(statement, plan)],
        };
      }
      hypopg = await findHypopg(session, server);
      const able = hypopg && (indexes.length > 0 || hypopg.hides);
      const without = able && compare ? await planIn(session, statement) : undefined;
      notes.push(...missing(hypopg, indexes.length > 0, hidden.length > 0, database.kind));
      if (compare && !able) notes.push("So there is nothing to compare: this is the plan as things are.");
      const plan =
        hypopg && able ? await planWith(session, hypopg, statement, indexes, hidden) : await planIn(session, statement);
      return {
        plan,
        facts: await factsOf(session, plan, server),
        without,
        notes: [...notes, ...pruning(statement, plan)],
      };
    },
    {
      signal,
      async cleanup(session) {
        if (hypopg) await forget(session, hypopg);
      },
    },
  );
}

/** A plan with indexes pretended and hidden; the session then sees what is there again. */
async function planWith(
  session: Session,
  hypopg: Hypopg,
  statement: Explainable,
  indexes: readonly string[],
  hidden: readonly string[],
): Promise<Plan> {
  // Behind a pooler the session may be another's after ROLLBACK, so cleaning up cannot wait for it, nor can an error end it.
  await session.query("SAVEPOINT mooring_indexes");
  try {
    for (const index of indexes) await pretend(session, hypopg, index);
    if (hypopg.hides) for (const index of hidden) await hide(session, hypopg, index);
    return await planIn(session, statement);
  } finally {
    await session
      .query("ROLLBACK TO SAVEPOINT mooring_indexes")
      .then(() => forget(session, hypopg))
      .catch(() => {});
  }
}

async function factsOf(session: Session, plan: Plan, server: ServerFacts): Promise<PlanFacts> {
  return plan.nodes.some(({ raw }) => "Schema" in raw) ? await planFacts(session, plan, server) : noFacts;
}

async function measured(session: Session, statement: Explainable): Promise<Plan> {
  try {
    return await planIn(session, statement);
  } catch (error) {
    const { code, message } = Object(error) as { code?: unknown; message?: unknown };
    // query_canceled, by the timeout and not by the caller.
    if (!statement.options.analyze || code !== "57014" || !/statement timeout/.test(String(message))) throw error;
    throw new ToolError("timeout", "Running it took longer than the database allows (--statement-timeout).", {
      hint: "Look at the plan without analyze, and measure a smaller part.",
      retryable: false,
      cause: error,
    });
  }
}

function missing(hypopg: Hypopg | undefined, indexes: boolean, hidden: boolean, kind: Database["kind"]): string[] {
  if (!hypopg) {
    const left = [indexes && "hypothetical_indexes", hidden && "hide_indexes"].filter(Boolean).join(" and ");
    return [
      kind === "demo"
        ? `Without ${left}: the demo has no hypopg.`
        : `Without ${left}: the extension hypopg is not installed in this database (CREATE EXTENSION hypopg).`,
    ];
  }
  return hidden && !hypopg.hides
    ? ["Without hide_indexes: that needs hypopg 1.4 or newer, and an older one is installed."]
    : [];
}

function pruning({ generic, options }: Explainable, { nodes }: Plan): string[] {
  const pruned = nodes.some((node) => number(node, "Subplans Removed") > 0);
  return generic && pruned && options.version < 160_000
    ? ["Partitions may stand as pruned for NULL, since PostgreSQL before 16 starts the plan with some value."]
    : [];
}
