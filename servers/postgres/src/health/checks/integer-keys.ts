import { count, counted, number, percent } from "../amounts.ts";
import { queryCheck } from "../check.ts";
import { graded } from "../finding.ts";
import { visible } from "../scope.ts";

/** Integer keys that no sequence feeds, so that only their number of rows says how near their limit is: a lower bound. */
export const integerKeys = queryCheck<"table" | "column" | "type" | "rows" | "bound">({
  name: "integer_keys",
  group: "tables",
  title: "Integer keys near their limit",
  why: "A key of integer holds 2,147,483,647 values, one of smallint 32,767; afterwards every INSERT fails.",
  scoped: true,
  sql: () => `
    SELECT format('%I.%I', n.nspname, c.relname) AS "table", quote_ident(a.attname) AS "column", a.atttypid::regtype::text AS type,
      greatest(c.reltuples::bigint, s.n_live_tup, s.n_tup_ins)::text AS rows,
      CASE a.atttypid WHEN 'int2'::regtype THEN 32767 ELSE 2147483647 END::text AS bound
    FROM pg_catalog.pg_constraint k
    JOIN pg_catalog.pg_class c ON c.oid = k.conrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.conkey[1]
    LEFT JOIN pg_catalog.pg_stat_all_tables s ON s.relid = c.oid
    WHERE k.contype = 'p' AND cardinality(k.conkey) = 1 AND a.atttypid IN ('int2'::regtype, 'int4'::regtype) AND ${visible("n.nspname")}
      AND a.attidentity = ''
      AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d JOIN pg_catalog.pg_attrdef x ON x.oid = d.objid
        JOIN pg_catalog.pg_class q ON q.oid = d.refobjid AND q.relkind = 'S'
        WHERE x.adrelid = c.oid AND x.adnum = a.attnum AND d.classid = 'pg_catalog.pg_attrdef'::regclass)
      AND greatest(c.reltuples::bigint, s.n_live_tup, s.n_tup_ins) >= CASE a.atttypid WHEN 'int2'::regtype THEN 16384 ELSE 1073741824 END
    ORDER BY 4 DESC, 1`,
  evaluate: (rows) =>
    rows.flatMap((row) => {
      const used = number(row.rows) / number(row.bound);
      const severity = graded(used, [
        ["critical", 0.9],
        ["high", 0.75],
        ["medium", 0.5],
      ]);
      if (!severity) return [];
      const evidence = `${row.type}, ${counted(number(row.rows), "row")} so far: at least ${percent(used)} of ${count(number(row.bound))}`;
      const fix = `ALTER TABLE ${row.table} ALTER COLUMN ${row.column} TYPE bigint;`;
      return [{ severity, subject: `${row.table}.${row.column}`, evidence, fix }];
    }),
});
