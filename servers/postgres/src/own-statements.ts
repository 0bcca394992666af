/** Begins what we ask the catalog, so that our own statements can be told from others' in the server's statistics. */
export const OWN = "/* mooring */ ";

/** SQL: a recorded statement, `text`, is none of ours. */
export function notOwn(text: string): string {
  return `${text} NOT LIKE '${OWN.trimEnd()}%'`;
}
