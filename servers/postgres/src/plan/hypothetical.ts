import { ToolError, untrusted } from "@mooring/core";
import type { ServerFacts, Session } from "../database.ts";

/** The extension that pretends indexes: https://hypopg.readthedocs.io */
export interface Hypopg {
  /** Quoted. */
  readonly schema: string;
  /** hypopg 1.4 and newer. */
  readonly hides: boolean;
}

/** Where it is installed; `undefined` without it. */
export async function findHypopg(session: Session, { extensions }: ServerFacts): Promise<Hypopg | undefined> {
  const version = extensions.get("hypopg");
  if (version === undefined) return undefined;
  const [row] = await session.rows<{ schema: string }>(
    "SELECT pg_catalog.quote_ident(n.nspname) AS schema FROM pg_catalog.pg_extension e JOIN pg_catalog.pg_namespace n ON n.oid = e.extnamespace WHERE e.extname = 'hypopg'",
  );
  const [major = 0, minor = 0] = version.split(".").map(Number);
  return row && { schema: row.schema, hides: major > 1 || (major === 1 && minor >= 4) };
}

/** Pretends an index: `sql` must have been proved to be one CREATE INDEX. Gone with {@link forget}, not with ROLLBACK. */
export async function pretend(session: Session, { schema }: Hypopg, sql: string): Promise<void> {
  try {
    await session.query(`SELECT indexname FROM ${schema}.hypopg_create_index($1)`, [sql]);
  } catch (error) {
    throw refusal(error, "hypopg cannot pretend an index:", sql);
  }
}

/** Hides an index that exists from the planner, in this session. */
export async function hide(session: Session, { schema }: Hypopg, name: string): Promise<void> {
  const [row] = await session.rows<{ found: string | null }>(
    "SELECT i.indexrelid::text AS found FROM pg_catalog.pg_index i WHERE i.indexrelid = pg_catalog.to_regclass($1)",
    [name],
  );
  if (!row)
    throw new ToolError("not_found", `There is no index ${untrusted(name)}.`, {
      hint: "Give `schema.index`, as `schema` lists it.",
    });
  await session.query(`SELECT ${schema}.hypopg_hide_index($1::oid)`, [row.found]);
}

/** Forgets all that was pretended or hidden in this session: neither ends with the transaction. */
export async function forget(session: Session, { schema, hides }: Hypopg): Promise<void> {
  await session.query(`SELECT ${schema}.hypopg_reset()`);
  if (hides) await session.query(`SELECT ${schema}.hypopg_unhide_all_indexes()`);
}

function refusal(error: unknown, what: string, sql: string): unknown {
  const { code, message } = Object(error) as { code?: unknown; message?: unknown };
  // Class 57 is a cancel or a shutdown, 08 a lost connection: none of the index's business.
  if (typeof code !== "string" || /^(57|08|53)/.test(code) || error instanceof ToolError) return error;
  return new ToolError("invalid_input", `${what} ${untrusted(`${String(message)}\n${sql.slice(0, 200)}`)}`, {
    hint: "It takes btree, brin, hash and bloom indexes on tables that exist.",
    cause: error,
  });
}
