import { arrayLiteral } from "../database.ts";
import type { Policy } from "../policy.ts";
import type { Value } from "../row-set.ts";

/** SQL: whether findings may name what lies in this schema. Takes `$1` and `$2` of {@link scopeValues}. */
export function visible(schema: string): string {
  return `(${schema} !~ '^pg_' AND ${schema} <> 'information_schema'
    AND ($1::text[] IS NULL OR ${schema} = ANY ($1::text[])) AND NOT ${schema} = ANY ($2::text[]))`;
}

/** Schemas that are allowed (NULL: all) and denied. */
export function scopeValues({ schemas, denySchemas }: Policy): Value[] {
  return [schemas ? arrayLiteral(schemas) : null, arrayLiteral(denySchemas)];
}

/** SQL: the relation belongs to no extension: what extensions bring is not for others to mend. */
export function ownRelation(oid: string): string {
  return `NOT EXISTS (SELECT FROM pg_catalog.pg_depend e WHERE e.classid = 'pg_catalog.pg_class'::regclass
    AND e.objid = ${oid} AND e.deptype = 'e')`;
}

/** SQL: a storage parameter of a table (`reloptions`), else NULL. */
export function storageParameter(reloptions: string, name: string): string {
  return `(SELECT o.option_value FROM pg_options_to_table(${reloptions}) o WHERE o.option_name = '${name}')`;
}

/** SQL: names of the key columns of an array of attribute numbers, quoted, in order. */
export function columnNames(relation: string, keys: string): string {
  return `(SELECT string_agg(quote_ident(a.attname), ', ' ORDER BY k.position)
    FROM unnest(${keys}) WITH ORDINALITY k (number, position)
    JOIN pg_catalog.pg_attribute a ON a.attrelid = ${relation} AND a.attnum = k.number)`;
}

/** SQL: the attribute numbers of an index (`int2vector`) as an array that begins at 1. */
export function indexKeys(index: string): string {
  return `string_to_array(${index}.indkey::text, ' ')::int2[]`;
}
