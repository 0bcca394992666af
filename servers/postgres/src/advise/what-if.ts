import type { Session } from "../database.ts";
import type { Proof } from "../guard/proof.ts";
import type { Plan } from "../plan/plan.ts";
import { createIndex, type IndexDefinition } from "./index-definition.ts";
import { quoted } from "./identifier.ts";
import { OutOfTime } from "./plan-costs.ts";
import { indexesIn } from "./uses.ts";

/** Plans a proved statement, never runs it. Throws what PostgreSQL answers. */
export type Explain = (session: Session, statement: Proof) => Promise<Plan>;

/** Milliseconds since the epoch after which no EXPLAIN begins. */
export interface Clock {
  readonly until: number;
}

const SAVEPOINT = "SAVEPOINT advise";
const BACK = "ROLLBACK TO SAVEPOINT advise";

/** A transaction in which statements are planned one after the other, each with its locks given back at once. */
export interface Planner {
  /** Throws {@link OutOfTime}; what PostgreSQL answers, and is then as good as before. */
  plan(statement: Proof): Promise<Plan>;
  readonly explained: number;
}

export async function createPlanner(session: Session, explain: Explain, clock: Clock): Promise<Planner> {
  await session.query(SAVEPOINT);
  let explained = 0;
  return {
    get explained() {
      return explained;
    },
    async plan(statement) {
      if (Date.now() >= clock.until) throw new OutOfTime();
      explained++;
      try {
        return await explain(session, statement);
      } finally {
        await session.query(BACK);
      }
    },
  };
}

/** Hypothetical indexes of one backend: they cost nothing, nobody else sees them, and the planner takes them for real. */
export interface WhatIf {
  /** Bytes that hypopg expects; `undefined` with the reason where PostgreSQL refuses the index. */
  add(definition: IndexDefinition): Promise<{ readonly bytes: number } | { readonly refused: string }>;
  /** Plans as if exactly these existed; `used` has those that the plan goes through. */
  plan(statement: Proof, set: readonly IndexDefinition[]): Promise<{ readonly plan: Plan; readonly used: ReadonlySet<IndexDefinition> }>;
  /** Takes all of them away. */
  reset(): Promise<void>;
}

/** One more relation than this many partitions is not worth the planning. */
const MAX_PARTITIONS = 64;

interface Hypothetical {
  readonly statements: readonly string[];
  live: { readonly oid: string; readonly name: string }[];
}

/**
 * Through hypopg (https://hypopg.readthedocs.io). Its indexes survive ROLLBACK: call `reset` before the connection goes back.
 */
export function createWhatIf(session: Session, planner: Planner, schema: string): WhatIf {
  const indexes = new Map<IndexDefinition, Hypothetical>();
  // Written out: the search path may hold functions of the same name.
  const hypopg = quoted(schema);

  async function create(hypothetical: Hypothetical): Promise<void> {
    for (const statement of hypothetical.statements) {
      const [made] = await session.rows<{ oid: string; name: string }>(
        `SELECT indexrelid::text AS oid, indexname AS name FROM ${hypopg}.hypopg_create_index($1)`,
        [statement],
      );
      if (made) hypothetical.live.push(made);
    }
  }

  async function drop(hypothetical: Hypothetical): Promise<void> {
    for (const { oid } of hypothetical.live) await session.query(`SELECT ${hypopg}.hypopg_drop_index($1::oid)`, [oid]);
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
      const places = (definition.table.partitions ?? [undefined]).slice(0, MAX_PARTITIONS);
      const hypothetical: Hypothetical = {
        statements: places.map((on) => createIndex(definition, on ? { on } : {})),
        live: [],
      };
      try {
        await create(hypothetical);
        const [size] = await session.rows<{ bytes: string }>(
          `SELECT coalesce(sum(${hypopg}.hypopg_relation_size(oid)), 0)::text AS bytes FROM unnest($1::oid[]) oid`,
          [`{${hypothetical.live.map(({ oid }) => oid).join(",")}}`],
        );
        indexes.set(definition, hypothetical);
        return { bytes: Number(size?.bytes ?? 0) };
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
      await session.query(`SELECT ${hypopg}.hypopg_reset()`);
      for (const hypothetical of indexes.values()) hypothetical.live = [];
    },
  };
}

/** An answer of PostgreSQL about the index, not a lost connection or an end of the call. */
function isRefusal(error: unknown): error is Error & { readonly code: string } {
  const { code } = Object(error) as { code?: unknown };
  return error instanceof Error && typeof code === "string" && /^(XX000|0A|22|42|54)/.test(code);
}
