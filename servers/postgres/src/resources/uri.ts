/**
 * A name as one variable of `pg://{database}/table/{schema}.{table}`: percent-encoded, and its full stops as well, since the
 * first one ends the schema (RFC 3986 keeps them, so a client may not add them).
 */
function variable(name: string): string {
  return encodeURIComponent(name).replace(
    /[.!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

/** The URI of a schema. */
export function schemaUri(database: string, schema: string): string {
  return `pg://${variable(database)}/schema/${variable(schema)}`;
}

/** The URI of a table or a view. */
export function tableUri(database: string, schema: string, table: string): string {
  return `pg://${variable(database)}/table/${variable(schema)}.${variable(table)}`;
}

/** What a URI of ours names; for `watch`, which is given the URI alone. `undefined` for any other. */
export function placeOfUri(
  uri: string,
): { readonly database: string; readonly schema: string; readonly table?: string } | undefined {
  const [, database, kind, schema, table] = /^pg:\/\/([^/]+)\/(schema|table)\/([^/.]+)(?:\.([^/]+))?$/.exec(uri) ?? [];
  if (database === undefined || schema === undefined || (kind === "table") !== (table !== undefined)) return undefined;
  try {
    const place = { database: decodeURIComponent(database), schema: decodeURIComponent(schema) };
    return table === undefined ? place : { ...place, table: decodeURIComponent(table) };
  } catch {
    return undefined;
  }
}
