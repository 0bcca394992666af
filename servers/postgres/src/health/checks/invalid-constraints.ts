import { queryCheck } from "../check.ts";
import { visible } from "../scope.ts";

const kinds: Readonly<Record<string, string>> = { c: "CHECK", f: "FOREIGN KEY", n: "NOT NULL" };

/** Constraints that hold for new rows only: added NOT VALID and never validated. */
export const invalidConstraints = queryCheck<"owner" | "name" | "kind" | "domain">({
  name: "invalid_constraints",
  group: "tables",
  title: "Constraints that were never validated",
  why: "Old rows may break the rule, and the planner does not rely on it; VALIDATE reads the table and blocks no writes.",
  scoped: true,
  // NOT ENFORCED (18) is no promise about rows at all, and cannot be validated.
  sql: (version) => `
    SELECT format('%I.%I', n.nspname, coalesce(c.relname, t.typname)) AS owner, quote_ident(k.conname) AS name, k.contype::text AS kind,
      (t.oid IS NOT NULL)::text AS domain
    FROM pg_catalog.pg_constraint k
    LEFT JOIN pg_catalog.pg_class c ON c.oid = k.conrelid LEFT JOIN pg_catalog.pg_type t ON t.oid = k.contypid
    JOIN pg_catalog.pg_namespace n ON n.oid = coalesce(c.relnamespace, t.typnamespace)
    WHERE NOT k.convalidated ${version >= 180000 ? "AND k.conenforced" : ""} AND k.conparentid = 0 AND k.coninhcount = 0 AND ${visible("n.nspname")}
    ORDER BY 1, 2`,
  evaluate: (rows) =>
    rows.map((row) => ({
      severity: row.kind === "f" ? "medium" : "low",
      subject: `${row.owner} ${row.name}`,
      evidence: `${kinds[row.kind ?? ""] ?? "constraint"} NOT VALID: rows from before it are unchecked`,
      fix: `ALTER ${row.domain === "true" ? "DOMAIN" : "TABLE"} ${row.owner} VALIDATE CONSTRAINT ${row.name};`,
    })),
});
