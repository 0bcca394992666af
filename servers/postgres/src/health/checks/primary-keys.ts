import { counted, number } from "../amounts.ts";
import { queryCheck, type Rows } from "../check.ts";
import { ownRelation, visible } from "../scope.ts";

type Columns = "name" | "kind" | "rows" | "published" | "unique" | "column";

/** Tables without a primary key. */
export const primaryKeys = queryCheck<Columns>({
  name: "primary_keys",
  group: "tables",
  title: "Tables without a primary key",
  why: "Rows cannot be told apart, duplicates creep in, and logical replication refuses their UPDATE and DELETE.",
  scoped: true,
  // `unique`: an index that can become the key as it is. A partition without one is told at its parent.
  sql: () => `
    SELECT format('%I.%I', n.nspname, c.relname) AS name, c.relkind::text AS kind, greatest(c.reltuples::bigint, s.n_live_tup, 0)::text AS rows,
      (c.relreplident IN ('d', 'n') AND EXISTS (SELECT FROM pg_catalog.pg_publication p
        JOIN pg_catalog.pg_publication_tables pt ON pt.pubname = p.pubname
        WHERE (p.pubupdate OR p.pubdelete) AND pt.schemaname = n.nspname AND pt.tablename = c.relname))::text AS published,
      (SELECT quote_ident(ic.relname) FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class ic ON ic.oid = i.indexrelid
        WHERE c.relkind = 'r' AND i.indrelid = c.oid AND i.indisunique AND i.indisvalid AND i.indimmediate AND i.indpred IS NULL AND i.indexprs IS NULL
          AND i.indnatts = i.indnkeyatts AND i.indoption::text !~ '[1-9]'
          AND NOT EXISTS (SELECT FROM pg_catalog.pg_constraint o WHERE o.conindid = ic.oid)
          AND NOT EXISTS (SELECT FROM pg_catalog.pg_attribute a WHERE a.attrelid = c.oid AND a.attnum = ANY (i.indkey) AND NOT a.attnotnull)
        ORDER BY i.indnkeyatts, ic.relname LIMIT 1) AS "unique",
      (SELECT quote_ident(w.name) FROM unnest(ARRAY['id', c.relname || '_id', 'row_id', 'row_key']) WITH ORDINALITY w (name, position)
        WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_attribute a WHERE a.attrelid = c.oid AND a.attname = w.name)
        ORDER BY w.position LIMIT 1) AS "column"
    FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    LEFT JOIN pg_catalog.pg_stat_all_tables s ON s.relid = c.oid
    WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relpersistence <> 't' AND ${visible("n.nspname")} AND ${ownRelation("c.oid")}
      AND NOT EXISTS (SELECT FROM pg_catalog.pg_constraint k WHERE k.conrelid = c.oid AND k.contype = 'p')
    ORDER BY 4 DESC, greatest(c.reltuples::bigint, s.n_live_tup) DESC, 1`,
  evaluate: (rows) =>
    rows.map((row) => {
      const amount = number(row.rows);
      const published = row.published === "true";
      const { cost, fix } = remedy(row);
      return {
        severity: published ? "high" : amount >= 10_000 ? "medium" : "low",
        subject: row.name ?? "",
        evidence: `${counted(amount, "row")}${published ? ", published: UPDATE and DELETE fail here" : ""}; ${cost}`,
        fix,
      };
    }),
});

function remedy({ name, kind, unique, column }: Rows<Columns>[number]): {
  readonly cost: string;
  readonly fix?: string;
} {
  if (kind === "p") return { cost: "partitioned: the key has to hold the partition key" };
  if (unique)
    return {
      cost: `unique index ${unique} can become it`,
      fix: `ALTER TABLE ${name} ADD PRIMARY KEY USING INDEX ${unique};`,
    };
  const cost = "adding a column writes the table anew under a lock";
  if (!column) return { cost };
  return { cost, fix: `ALTER TABLE ${name} ADD COLUMN ${column} bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY;` };
}
