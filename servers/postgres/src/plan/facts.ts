import { arrayLiteral, type ServerFacts, type Session } from "../database.ts";
import { type Plan, text } from "./plan.ts";

/** What the catalog knows of a table in a plan. */
export interface TableFacts {
  /** Of the last VACUUM or ANALYZE; -1 for never (0 before PostgreSQL 14). */
  readonly rows: number;
  /** On disk now. */
  readonly bytes: number;
  /** ANALYZE has run once, by hand or by autovacuum. */
  readonly analyzed: boolean;
  /** Rows changed since then. */
  readonly changed: number;
}

/** What the plan itself does not say. */
export interface PlanFacts {
  /** Of this session, in kB. */
  readonly workMem: number;
  /** By `schema.table`, unquoted. */
  readonly tables: ReadonlyMap<string, TableFacts>;
  /** Indexes can be tried without building them: hypopg is there. */
  readonly pretends: boolean;
}

export const noFacts: PlanFacts = { workMem: 4096, tables: new Map(), pretends: false };

// pg_stats tells only readers of a table whether it was analysed; reltuples and the counters tell everybody.
const query = `
  SELECT w.setting AS work_mem, n.nspname AS schema, c.relname AS relation, c.reltuples::text AS rows, coalesce(pg_catalog.pg_relation_size(c.oid), 0)::text AS bytes,
         (s.last_analyze IS NOT NULL OR s.last_autoanalyze IS NOT NULL)::text AS analyzed, s.n_mod_since_analyze::text AS changed
    FROM pg_catalog.pg_settings w
    LEFT JOIN (ROWS FROM (pg_catalog.unnest($1::text[]), pg_catalog.unnest($2::text[])) AS wanted(schema, relation)
               JOIN pg_catalog.pg_namespace n ON n.nspname = wanted.schema
               JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid AND c.relname = wanted.relation
               LEFT JOIN pg_catalog.pg_stat_all_tables s ON s.relid = c.oid) ON true
   WHERE w.name = 'work_mem'`;

interface Row extends Readonly<Record<string, string | null>> {
  readonly work_mem: string;
  readonly schema: string | null;
  readonly relation: string | null;
  readonly rows: string | null;
  readonly bytes: string | null;
  readonly analyzed: string | null;
  readonly changed: string | null;
}

/** Asks about the tables of a plan (made with VERBOSE), in its own session. */
export async function planFacts(session: Session, plan: Plan, { extensions }: ServerFacts): Promise<PlanFacts> {
  const tables = new Map<string, readonly [string, string]>();
  for (const node of plan.nodes) {
    const [schema, relation] = [text(node, "Schema"), text(node, "Relation Name")];
    if (schema !== undefined && relation !== undefined) tables.set(`${schema}.${relation}`, [schema, relation]);
  }
  const wanted = [...tables.values()];
  const rows = await session.rows<Row>(query, [
    arrayLiteral(wanted.map(([schema]) => schema)),
    arrayLiteral(wanted.map(([, name]) => name)),
  ]);
  return {
    pretends: extensions.has("hypopg"),
    workMem: Number(rows[0]?.work_mem ?? noFacts.workMem),
    tables: new Map(
      rows
        .filter(({ relation }) => relation !== null)
        .map(({ schema, relation, rows: count, bytes, analyzed, changed }) => [
          `${schema}.${relation}`,
          { rows: Number(count), bytes: Number(bytes), analyzed: analyzed === "true", changed: Number(changed ?? 0) },
        ]),
    ),
  };
}
