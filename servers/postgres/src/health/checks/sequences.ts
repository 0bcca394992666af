import { count, number, percent } from "../amounts.ts";
import { queryCheck } from "../check.ts";
import { graded } from "../finding.ts";
import { visible } from "../scope.ts";

type Columns = "name" | "last" | "bound" | "used" | "table" | "column" | "type" | "narrow" | "widest" | "identity";

/** Sequences, and identity and serial columns, that come near the largest number that they or their column can hold. */
export const sequences = queryCheck<Columns>({
  name: "sequences",
  group: "tables",
  title: "Sequences near their limit",
  why: "At the limit every INSERT that needs the next number fails; the columns that refer to it have to be widened too.",
  scoped: true,
  // pg_sequence_last_value throws without a privilege (up to 16), on another's temporary sequence, and for unlogged ones on a standby.
  sql: () => `
    WITH fed AS (
      SELECT d.objid AS sequence, d.refobjid AS relation, d.refobjsubid AS attribute, d.deptype = 'i' AS identity FROM pg_catalog.pg_depend d
        WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.refclassid = 'pg_catalog.pg_class'::regclass AND d.deptype IN ('a', 'i') AND d.refobjsubid > 0
      UNION
      SELECT d.refobjid, x.adrelid, x.adnum, false FROM pg_catalog.pg_depend d JOIN pg_catalog.pg_attrdef x ON x.oid = d.objid
        WHERE d.classid = 'pg_catalog.pg_attrdef'::regclass AND d.refclassid = 'pg_catalog.pg_class'::regclass),
    states AS (
      SELECT c.oid, n.nspname, c.relname, q.*,
        CASE WHEN has_sequence_privilege(c.oid, 'SELECT, USAGE') AND NOT (c.relpersistence = 'u' AND pg_is_in_recovery())
          THEN pg_sequence_last_value(c.oid) END AS last
      FROM pg_catalog.pg_sequence q JOIN pg_catalog.pg_class c ON c.oid = q.seqrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
      WHERE NOT q.seqcycle AND c.relpersistence <> 't' AND ${visible("n.nspname")}),
    limits AS (
      SELECT s.*, f.identity, CASE WHEN ${visible("tn.nspname")} THEN format('%I.%I', tn.nspname, t.relname) END AS "table",
        quote_ident(a.attname) AS "column", a.atttypid::regtype::text AS type,
        CASE a.atttypid WHEN 'int2'::regtype THEN 32767 WHEN 'int4'::regtype THEN 2147483647 ELSE 9223372036854775807 END AS holds
      FROM states s LEFT JOIN LATERAL (SELECT * FROM fed WHERE fed.sequence = s.oid
          ORDER BY (SELECT a.attlen FROM pg_catalog.pg_attribute a WHERE a.attrelid = fed.relation AND a.attnum = fed.attribute) LIMIT 1) f ON true
      LEFT JOIN pg_catalog.pg_class t ON t.oid = f.relation LEFT JOIN pg_catalog.pg_namespace tn ON tn.oid = t.relnamespace
      LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = f.relation AND a.attnum = f.attribute
      WHERE s.last IS NOT NULL),
    shares AS (
      SELECT *, CASE WHEN seqincrement > 0 THEN least(seqmax, holds) ELSE seqmin END AS bound,
        CASE WHEN seqincrement > 0 THEN (last - seqmin)::numeric / greatest(least(seqmax, holds)::numeric - seqmin, 1)
          ELSE (seqmax - last)::numeric / greatest(seqmax::numeric - seqmin, 1) END AS used
      FROM limits)
    SELECT format('%I.%I', nspname, relname) AS name, last::text AS last, bound::text AS bound, used::text AS used, "table", "column", type,
      (holds <= seqmax AND holds < 9223372036854775807)::text AS narrow, (abs(bound::numeric) >= 9223372036854775807)::text AS widest,
      coalesce(identity, false)::text AS identity
    FROM shares WHERE used >= 0.5 ORDER BY used DESC, 1`,
  evaluate: (rows) =>
    rows.flatMap((row) => {
      const used = number(row.used);
      const severity = graded(used, [
        ["critical", 0.9],
        ["high", 0.75],
        ["medium", 0.5],
      ]);
      if (!severity) return [];
      const feeds = row.table ? `, feeds ${row.table}.${row.column} (${row.type})` : "";
      const evidence = `at ${count(number(row.last))} of ${count(number(row.bound))} (${percent(used)})${feeds}`;
      return [{ severity, subject: row.name ?? "", evidence, fix: wider(row) }];
    }),
});

function wider(row: Readonly<Record<Columns, string | null>>): string | undefined {
  if (row.widest === "true") return undefined;
  const sequence = `ALTER SEQUENCE ${row.name} AS bigint NO MINVALUE NO MAXVALUE;`;
  if (row.narrow !== "true") return sequence;
  if (!row.table) return undefined;
  const column = `ALTER TABLE ${row.table} ALTER COLUMN ${row.column} TYPE bigint;`;
  // The type of an identity column takes its sequence along, but not a bound of its own.
  return `${column} ${sequence}`;
}
