/** What a name may mean: `schema` is empty where it may be any. */
export interface Meaning {
  readonly schema: string;
  readonly name: string;
}

/** More than a name of three quoted parts needs; beyond it only the first dots are tried. */
const MOST_DOTS = 8;

/**
 * Everything that a name as somebody wrote it may mean: `public.orders`, `"We Ird"."a.b"`, `a.b` (a table of schema a, or a
 * table with a dot in its name), `Orders` (which PostgreSQL folds to `orders`). Nothing is decided here: the catalog says which exist.
 */
export function meanings(written: string): Meaning[] {
  const found: Meaning[] = spellings(written).map((name) => ({ schema: "", name }));
  let dots = 0;
  for (let at = written.indexOf("."); at > 0 && dots < MOST_DOTS; at = written.indexOf(".", at + 1), dots++)
    for (const schema of spellings(written.slice(0, at)))
      for (const name of spellings(written.slice(at + 1))) found.push({ schema, name });
  return found;
}

function spellings(part: string): string[] {
  if (part === "") return [];
  if (part.length > 2 && part.startsWith('"') && part.endsWith('"'))
    return [part.slice(1, -1).replaceAll('""', '"'), part];
  return [...new Set([part, part.toLowerCase()])];
}
