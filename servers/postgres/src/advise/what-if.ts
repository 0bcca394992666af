import type { Session } from "../database.ts";
import { type Explainable, planIn } from "../plan/explain.ts";
import { forget, type Hypopg } from "../plan/hypothetical.ts";
import type { Plan } from "../plan/plan.ts";
import { createIndex, type IndexDefinition } from "./index-definition.ts";
import { OutOfTime } from "./plan-costs.ts";
import { indexesIn } from "./uses.ts";

/** Plans statements one after the other in a transaction, the locks of each given back at once. */
export interface Planner {
  /** Throws {@link OutOfTime}, or what PostgreSQL answers; the transaction goes on. */
  plan(statement: Explainable): Promise<Plan>;
  /** Milliseconds since the epoch after which no EXPLAIN begins, and at which a running one ends. */
  until: number;
  /** EXPLAINs so far. */
  readonly explained: number;
}

const BACK = "ROLLBACK TO SAVEPOINT advise";

export async function createPlanner(session: Session, until: number): Promise<Planner> {
  const [setting] = await session.rows<{ ms: string }>(
    "SELECT setting AS ms FROM pg_catalog.pg_settings WHERE name = 'statement_timeout'",
  );
  // 0 is none; the operator's limit is never raised.
  const limit = Number(setting?.ms ?? 0) || Number.POSITIVE_INFINITY;
  await session.query("SAVEPOINT advise");
  const planner = {
    until,
    explained: 0,
    async plan(statement: Explainable) {
      const left = planner.until - Date.now();
      if (left <= 0) throw new OutOfTime();
      planner.explained++;
      try {
        // Cast away with the savepoint, so set each time.
        await session.query(`SET LOCAL statement_timeout = ${Math.max(1, Math.ceil(Math.min(left, limit)))}`);
        return await planIn(session, statement);
      } catch (error) {
        if (left < limit && (Object(error) as { code?: unknown }).code === "57014" && Date.now() >= planner.until - 5)
          throw new OutOfTime();
        throw error;
      } finally {
        await session.query(BACK).catch(() => {});
      }
    },
  };
  return planner;
}

/** Hypothetical indexes of one backend: they cost nothing, nobody else sees them, and the planner takes them for real. */
export interface WhatIf {
  /** Why PostgreSQL refuses the index, if it does. Throws {@link OutOfTime}. The definition's DDL must have been proved. */
  add(definition: IndexDefinition): Promise<{ readonly refused?: string }>;
  /** Plans as if exactly these existed; `used` has those that the plan goes through. */
  plan(
    statement: Explainable,
    set: readonly IndexDefinition[],
  ): Promise<{ readonly plan: Plan; readonly used: ReadonlySet<IndexDefinition> }>;
  /** Takes all of them away. */
  reset(): Promise<void>;
}

/** Partitions that one candidate is pretended on. */
const MAX_PARTITIONS = 64;

interface Hypothetical {
  readonly statements: readonly string[];
  live: { readonly oid: string; readonly name: string }[];
}

/**
 * Through hypopg (https://hypopg.readthedocs.io). Its indexes survive ROLLBACK: call `reset` before the connection goes back.
 */
export function createWhatIf(session: Session, planner: Planner, hypopg: Hypopg): WhatIf {
  const indexes = new Map<IndexDefinition, Hypothetical>();
  const { schema } = hypopg;

  async function create(hypothetical: Hypothetical): Promise<void> {
    for (const statement of hypothetical.statements) {
      const [made] = await session.rows<{ oid: string; name: string }>(
        `SELECT indexrelid::text AS oid, indexname AS name FROM ${schema}.hypopg_create_index($1)`,
        [statement],
      );
      if (made) hypothetical.live.push(made);
    }
  }

  async function drop(hypothetical: Hypothetical): Promise<void> {
    for (const { oid } of hypothetical.live) await session.query(`SELECT ${schema}.hypopg_drop_index($1::oid)`, [oid]);
    hypothetical.live = [];
  }

  async function be(set: ReadonlySet<IndexDefinition>): Promise<void> {
    for (const [definition, hypothetical] of indexes) {
      const live = hypothetical.live.length > 0;
      if (set.has(definition) && !live) await create(hypothetical);
      if (!set.has(definition) && live) await drop(hypothetical);
    }
  }

  return {
    async add(definition) {
      if (Date.now() >= planner.until) throw new OutOfTime();
      const places = definition.table.partitions ?? [undefined];
      const hypothetical: Hypothetical = {
        statements: places.slice(0, MAX_PARTITIONS).map((on) => createIndex(definition, on ? { on } : {})),
        live: [],
      };
      try {
        await create(hypothetical);
        await drop(hypothetical);
        indexes.set(definition, hypothetical);
        return {};
      } catch (error) {
        await session.query(BACK);
        await drop(hypothetical);
        if (!isRefusal(error)) throw error;
        return { refused: error.message };
      }
    },
    async plan(statement, set) {
      await be(new Set(set));
      const plan = await planner.plan(statement);
      const names = new Set(indexesIn(plan));
      return { plan, used: new Set(set.filter((each) => indexes.get(each)?.live.some(({ name }) => names.has(name)))) };
    },
    async reset() {
      await session.query(BACK);
      await forget(session, hypopg);
      for (const hypothetical of indexes.values()) hypothetical.live = [];
    },
  };
}

/** An answer of PostgreSQL about the index, not a lost connection or an end of the call. */
function isRefusal(error: unknown): error is Error & { readonly code: string } {
  const { code } = Object(error) as { code?: unknown };
  return error instanceof Error && typeof code === "string" && /^(XX000|0A|22|42|54)/.test(code);
}
