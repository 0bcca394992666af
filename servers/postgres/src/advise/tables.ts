import { arrayLiteral, type CatalogRow } from "../database.ts";
import type { Policy } from "../policy.ts";
import type { Value } from "../row-set.ts";

/** A column and what ANALYZE found in it. */
export interface ColumnStatistics {
  /** As `format_type` writes it, without modifiers; of a domain, the type under it. */
  readonly type: string;
  /** Bytes of a value, on average. */
  readonly width: number;
  /** Different values, an estimate. */
  readonly distinct: number;
  /** Share of NULL, 0 to 1. */
  readonly nullFraction: number;
  /** How far the order of values is that of rows on disk, -1 to 1; `undefined` where nobody knows. */
  readonly correlation: number | undefined;
  /** Shares of the most common values; empty for masked columns. */
  readonly common: ReadonlyMap<string, number>;
  /** Its order is that of its bytes: LIKE 'x%' needs no operator class. */
  readonly bytewise: boolean;
  /** It was analysed at all. */
  readonly known: boolean;
}

export interface ExistingIndex {
  readonly name: string;
  readonly method: string;
  /** One text a key: expression, operator class, collation, direction. Equal texts order alike. */
  readonly keys: readonly string[];
  /** Names of the key columns; `null` for an expression. */
  readonly columns: readonly (string | null)[];
  readonly included: readonly string[];
  readonly predicate: string | null;
  readonly unique: boolean;
  /** A constraint, or the identity of rows for replication, stands on it, or it belongs to an index of the parent. */
  readonly needed: boolean;
  readonly valid: boolean;
  readonly bytes: number;
  readonly scans: number;
}

export interface ForeignKey {
  readonly name: string;
  readonly columns: readonly string[];
  readonly references: string;
}

/** One table with what decides about its indexes. A partition is seen as its partitioned table. */
export interface Table {
  readonly oid: string;
  readonly schema: string;
  readonly name: string;
  /** It is the parent of partitions, whose qualified names these are. */
  readonly partitions: readonly { readonly schema: string; readonly name: string }[] | undefined;
  readonly rows: number;
  readonly pages: number;
  readonly columns: ReadonlyMap<string, ColumnStatistics>;
  readonly indexes: readonly ExistingIndex[];
  readonly foreignKeys: readonly ForeignKey[];
  /** Rows since the statistics were reset. */
  readonly inserted: number;
  readonly updated: number;
  readonly deleted: number;
  /** Of `updated`: those that no index had to be told of. */
  readonly hot: number;
  /** Scans of table and indexes since then. */
  readonly scans: number;
}

type Ask = <Row extends CatalogRow>(text: string, values: readonly Value[], signal: AbortSignal) => Promise<Row[]>;

/**
 * The tables of these names (as a plan has them), partitions replaced by their parents. Foreign tables and views have no
 * indexes and are left out. `names` maps `schema.table` to its table's oid.
 */
export async function loadTables(
  ask: Ask,
  names: readonly { readonly schema: string; readonly table: string }[],
  policy: Policy,
  signal: AbortSignal,
): Promise<{ readonly tables: readonly Table[]; readonly owner: ReadonlyMap<string, string> }> {
  const wanted = [...new Map(names.map((each) => [tableKey(each), each])).values()];
  if (wanted.length === 0) return { tables: [], owner: new Map() };
  const roots = await ask<{ schema: string; name: string; root: string }>(
    rootsSql,
    [arrayLiteral(wanted.map(({ schema }) => schema)), arrayLiteral(wanted.map(({ table }) => table))],
    signal,
  );
  const oids = [...new Set(roots.map(({ root }) => root))];
  const rows = await ask<{ found: string }>(tablesSql, [arrayLiteral(oids)], signal);
  return {
    tables: rows.map(({ found }) => tableOf(JSON.parse(found) as Found, new Set(policy.mask))),
    owner: new Map(roots.map(({ schema, name, root }) => [tableKey({ schema, table: name }), root])),
  };
}

export function tableKey({ schema, table }: { readonly schema: string; readonly table: string }): string {
  return JSON.stringify([schema, table]);
}

interface Found {
  oid: string;
  schema: string;
  name: string;
  kind: string;
  partitions: { schema: string; name: string }[];
  rows: number;
  pages: number;
  inserted: number;
  updated: number;
  deleted: number;
  hot: number;
  scans: number;
  columns: {
    name: string;
    type: string;
    bytewise: boolean;
    width: number | null;
    distinct: number | null;
    nulls: number | null;
    correlation: number | null;
    values: string[] | null;
    shares: number[] | null;
  }[];
  indexes: ExistingIndex[];
  keys: ForeignKey[];
}

/** What a table without statistics is taken to be: PostgreSQL's own guess of 200 different values. */
const unknownDistinct = 200;

function tableOf(found: Found, masked: ReadonlySet<string>): Table {
  const { kind, partitions, columns, keys, rows, ...rest } = found;
  const total = Math.max(rows, 1);
  return {
    ...rest,
    rows,
    partitions: kind === "p" ? partitions : undefined,
    foreignKeys: keys,
    columns: new Map(
      columns.map((column) => {
        const { distinct, values, shares } = column;
        const hidden = masked.has(`${found.schema}.${found.name}.${column.name}`);
        return [
          column.name,
          {
            type: column.type,
            bytewise: column.bytewise,
            width: column.width ?? 32,
            // Negative: a share of the rows.
            distinct: Math.max(
              1,
              distinct === null ? Math.min(unknownDistinct, total) : distinct < 0 ? -distinct * total : distinct,
            ),
            nullFraction: column.nulls ?? 0,
            correlation: column.correlation ?? undefined,
            common: new Map(hidden ? [] : (values ?? []).map((value, i) => [value, shares?.[i] ?? 0])),
            known: distinct !== null,
          },
        ];
      }),
    ),
  };
}

const rootsSql = `
  SELECT n.nspname AS schema, c.relname AS name, coalesce(pg_partition_root(c.oid), c.oid)::oid::text AS root
    FROM unnest($1::text[], $2::text[]) w(schema, name)
    JOIN pg_catalog.pg_namespace n ON n.nspname = w.schema
    JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid AND c.relname = w.name AND c.relkind IN ('r', 'p', 'm')`;

// pg_stats shows only columns that this role may read, so values of others cannot come out of it.
const tablesSql = `
  SELECT json_build_object(
    'oid', c.oid::text, 'schema', n.nspname, 'name', c.relname, 'kind', c.relkind,
    'partitions', (SELECT coalesce(json_agg(json_build_object('schema', ln.nspname, 'name', l.relname) ORDER BY l.oid), '[]')
                     FROM pg_partition_tree(c.oid) t JOIN pg_catalog.pg_class l ON l.oid = t.relid
                     JOIN pg_catalog.pg_namespace ln ON ln.oid = l.relnamespace WHERE t.isleaf AND l.relkind = 'r' AND c.relkind = 'p'),
    'rows', s.rows, 'pages', s.pages, 'inserted', s.inserted, 'updated', s.updated, 'deleted', s.deleted, 'hot', s.hot, 'scans', s.scans,
    'columns', (SELECT coalesce(json_agg(json_build_object(
        'name', a.attname, 'type', format_type(coalesce(nullif(t.typbasetype, 0), t.oid), NULL),
        'bytewise', a.attcollation = 0 OR EXISTS (SELECT FROM pg_catalog.pg_collation o WHERE o.oid = a.attcollation
            AND (o.collname IN ('C', 'POSIX', 'ucs_basic') OR o.oid = 100 AND
                 (SELECT datcollate FROM pg_catalog.pg_database WHERE datname = current_database()) IN ('C', 'POSIX'))),
        'width', p.avg_width, 'distinct', p.n_distinct, 'nulls', p.null_frac, 'correlation', p.correlation,
        'values', (p.most_common_vals::text::text[])[1:20], 'shares', p.most_common_freqs[1:20]) ORDER BY a.attnum), '[]')
      FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
      LEFT JOIN pg_catalog.pg_stats p ON p.schemaname = n.nspname AND p.tablename = c.relname AND p.attname = a.attname
        AND p.inherited = (c.relkind = 'p')
      WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped),
    'indexes', (SELECT coalesce(json_agg(json_build_object(
        'name', ic.relname, 'method', m.amname, 'valid', i.indisvalid, 'unique', i.indisunique,
        'keys', (SELECT json_agg(concat_ws(' ', pg_get_indexdef(i.indexrelid, k, false),
                   (SELECT CASE WHEN opcdefault THEN 'default' ELSE oid::text END FROM pg_catalog.pg_opclass WHERE oid = i.indclass[k - 1]),
                   i.indcollation[k - 1], i.indoption[k - 1]) ORDER BY k) FROM generate_series(1, i.indnkeyatts) k),
        'columns', (SELECT json_agg((SELECT attname FROM pg_catalog.pg_attribute WHERE attrelid = c.oid AND attnum = i.indkey[k - 1]
                     AND attnum > 0) ORDER BY k) FROM generate_series(1, i.indnkeyatts) k),
        'included', (SELECT coalesce(json_agg(pg_get_indexdef(i.indexrelid, k, false) ORDER BY k), '[]')
                       FROM generate_series(i.indnkeyatts + 1, i.indnatts) k),
        'predicate', pg_get_expr(i.indpred, i.indrelid),
        'needed', i.indisprimary OR i.indisreplident OR i.indisexclusion OR i.indisclustered OR ic.relispartition
          OR EXISTS (SELECT FROM pg_catalog.pg_constraint x WHERE x.conindid = i.indexrelid),
        'bytes', pg_relation_size(i.indexrelid), 'scans', coalesce(u.idx_scan, 0)) ORDER BY ic.relname), '[]')
      FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class ic ON ic.oid = i.indexrelid JOIN pg_catalog.pg_am m ON m.oid = ic.relam
      LEFT JOIN pg_catalog.pg_stat_user_indexes u ON u.indexrelid = i.indexrelid
      WHERE i.indrelid = c.oid),
    'keys', (SELECT coalesce(json_agg(json_build_object(
        'name', f.conname, 'references', f.confrelid::regclass::text,
        'columns', (SELECT json_agg(a.attname ORDER BY k.n) FROM unnest(f.conkey) WITH ORDINALITY k(attnum, n)
                      JOIN pg_catalog.pg_attribute a ON a.attrelid = f.conrelid AND a.attnum = k.attnum)) ORDER BY f.conname), '[]')
      FROM pg_catalog.pg_constraint f WHERE f.conrelid = c.oid AND f.contype = 'f' AND f.conparentid = 0)
  )::text AS found
    FROM unnest($1::oid[]) w(oid) JOIN pg_catalog.pg_class c ON c.oid = w.oid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    CROSS JOIN LATERAL (
      SELECT coalesce(sum(greatest(l.reltuples, 0)), 0)::float8 AS rows, coalesce(sum(l.relpages), 0) AS pages,
             coalesce(sum(z.n_tup_ins), 0) AS inserted, coalesce(sum(z.n_tup_upd), 0) AS updated,
             coalesce(sum(z.n_tup_del), 0) AS deleted, coalesce(sum(z.n_tup_hot_upd), 0) AS hot,
             coalesce(sum(coalesce(z.seq_scan, 0) + coalesce(z.idx_scan, 0)), 0) AS scans
        FROM (SELECT c.oid WHERE c.relkind <> 'p' UNION ALL SELECT t.relid FROM pg_partition_tree(c.oid) t WHERE t.isleaf AND c.relkind = 'p') o
        JOIN pg_catalog.pg_class l ON l.oid = o.oid LEFT JOIN pg_catalog.pg_stat_user_tables z ON z.relid = l.oid) s
   ORDER BY n.nspname, c.relname`;
