import type pg from "pg";

/** An index that was built. */
export interface Built {
  readonly ddl: string;
  readonly name: string;
  readonly bytes: number;
  readonly table: string;
}

/** Builds real indexes, of which any set can then be made the only ones that the planner sees. */
export async function buildIndexes(client: pg.Client, bodies: readonly string[]): Promise<Built[]> {
  const built: Built[] = [];
  for (const [at, body] of bodies.entries()) {
    const name = `built_${at}`;
    await client.query(`CREATE INDEX ${name} ON ${body}`);
    const { rows } = await client.query<{ bytes: string; table: string }>(
      "SELECT pg_relation_size(indexrelid)::text AS bytes, indrelid::regclass::text AS table FROM pg_index WHERE indexrelid = $1::regclass",
      [name],
    );
    built.push({ ddl: body, name, bytes: Number(rows[0]?.bytes), table: rows[0]?.table ?? "" });
  }
  // Statistics of expressions come with their index. Everything is compared after this, none before.
  await client.query("VACUUM (ANALYZE)");
  return built;
}

/**
 * Runs `work` with only these indexes of all that were built. The planner passes by indexes that are marked invalid; the mark
 * is taken back with the transaction. Needs a superuser.
 */
export async function withOnly<T>(
  client: pg.Client,
  all: readonly Built[],
  chosen: readonly Built[],
  work: () => Promise<T>,
): Promise<T> {
  await client.query("BEGIN");
  try {
    await client.query("UPDATE pg_catalog.pg_index SET indisvalid = false WHERE indexrelid = ANY ($1::regclass[])", [
      all.filter((each) => !chosen.some(({ name }) => name === each.name)).map(({ name }) => name),
    ]);
    return await work();
  } finally {
    await client.query("ROLLBACK");
  }
}

/** Planner units of one statement, and its tables. */
export async function planned(client: pg.Client, sql: string): Promise<{ cost: number; tables: Set<string> }> {
  const { rows } = await client.query<{ "QUERY PLAN": [{ Plan: Node }] }>(`EXPLAIN (FORMAT JSON) ${sql}`);
  const root = rows[0]?.["QUERY PLAN"][0].Plan;
  if (!root) throw new Error("EXPLAIN gave no plan");
  const tables = new Set<string>();
  const visit = (node: Node) => {
    if (node["Relation Name"] !== undefined) tables.add(node["Relation Name"]);
    node.Plans?.forEach(visit);
  };
  visit(root);
  return { cost: root["Total Cost"], tables };
}

interface Node {
  readonly "Total Cost": number;
  readonly "Relation Name"?: string;
  readonly Plans?: readonly Node[];
}

/** Milliseconds that all statements take, each the best of three. */
export async function measured(client: pg.Client, statements: readonly string[]): Promise<number> {
  let total = 0;
  for (const sql of statements) {
    const times: number[] = [];
    for (let i = 0; i < 3; i++) {
      const { rows } = await client.query<{ "QUERY PLAN": [{ "Execution Time": number }] }>(
        `EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) ${sql}`,
      );
      times.push(rows[0]?.["QUERY PLAN"][0]["Execution Time"] ?? Number.NaN);
    }
    total += Math.min(...times);
  }
  return total;
}
