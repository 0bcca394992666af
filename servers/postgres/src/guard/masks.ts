import { arrayLiteral, type CatalogRow } from "../database.ts";
import type { Policy } from "../policy.ts";
import { believing } from "./believing.ts";
import type { Ask } from "./guard.ts";
import type { MaskedColumn } from "./masked-columns.ts";
import type { MaskedRelation } from "./mask-uses.ts";

// A mask holds for the whole family of a table: a parent shows the rows of its children, a child those of the parent. It holds
// for columns generated from a masked one, too; what they are made of stands with the column before 15, with its default since.
/** Recursive part of a CTE `masked(relation, name)`: what else a mask holds for. */
export const sharedMasks = `
         SELECT x.relation, x.name FROM masked m
          CROSS JOIN LATERAL (
                SELECT i.inhrelid, m.name FROM pg_catalog.pg_inherits i WHERE i.inhparent = m.relation
                UNION ALL SELECT i.inhparent, m.name FROM pg_catalog.pg_inherits i WHERE i.inhrelid = m.relation
                UNION ALL
                SELECT g.attrelid, g.attname FROM pg_catalog.pg_attribute b
                  JOIN pg_catalog.pg_depend d ON d.refclassid = 'pg_catalog.pg_class'::regclass
                   AND d.refobjid = b.attrelid AND d.refobjsubid = b.attnum
                  LEFT JOIN pg_catalog.pg_attrdef f ON d.classid = 'pg_catalog.pg_attrdef'::regclass AND f.oid = d.objid
                  JOIN pg_catalog.pg_attribute g ON g.attgenerated <> '' AND g.attrelid = b.attrelid
                   AND g.attnum = CASE WHEN f.oid IS NOT NULL THEN f.adnum
                                       WHEN d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = b.attrelid THEN d.objsubid END
                 WHERE b.attrelid = m.relation AND b.attname = m.name) x(relation, name)
           JOIN pg_catalog.pg_attribute a ON a.attrelid = x.relation AND a.attname = x.name AND a.attnum > 0`;

const family = `
  WITH RECURSIVE masked(relation, name) AS (
         SELECT c.oid, a.attname
           FROM pg_catalog.pg_attribute a
           JOIN pg_catalog.pg_class c ON c.oid = a.attrelid
           JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
          WHERE a.attnum > 0 AND NOT a.attisdropped AND n.nspname || '.' || c.relname || '.' || a.attname = ANY ($1::text[])
         UNION ${sharedMasks})
  SELECT c.oid::text AS oid, c.relname AS name,
         pg_catalog.json_agg(pg_catalog.json_build_array(a.attnum, a.attname))::text AS masked,
         (SELECT pg_catalog.json_agg(b.attname) FROM pg_catalog.pg_attribute b
           WHERE b.attrelid = c.oid AND b.attnum > 0 AND NOT b.attisdropped)::text AS columns
    FROM masked m
    JOIN pg_catalog.pg_class c ON c.oid = m.relation
    JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attname = m.name AND a.attnum > 0
   GROUP BY c.oid, c.relname`;

/** The masked columns of a database, by the OID of their relation. */
export type Masks = ReadonlyMap<string, MaskedRelation & { readonly attributes: readonly number[] }>;

export const noMasks: Masks = new Map();

/** Looks the masks of a policy up; believed for 15 s: what is proved under masks is not remembered. */
export function createMasks(ask: Ask, { mask }: Policy): (signal: AbortSignal) => Promise<Masks> {
  if (mask.length === 0) return async () => noMasks;
  const found = believing(async (_: "all", signal): Promise<Masks> => {
    const rows = await ask<{ oid: string; name: string; masked: string; columns: string } & CatalogRow>(
      family,
      [arrayLiteral(mask)],
      signal,
    );
    return new Map(
      rows.map(({ oid, name, masked, columns }) => {
        const pairs = JSON.parse(masked) as [number, string][];
        return [
          oid,
          {
            name,
            masked: pairs.map(([, column]) => column),
            columns: JSON.parse(columns) as string[],
            attributes: pairs.map(([attribute]) => attribute),
          },
        ] as const;
      }),
    );
  });
  return (signal) => found("all", signal);
}

export function maskedColumns(masks: Masks): readonly MaskedColumn[] {
  return [...masks].flatMap(([oid, { attributes }]) =>
    attributes.map((attribute) => ({ table: Number(oid), attribute })),
  );
}
