/** What `schema` can list. */
export const kinds = [
  "table",
  "partitioned",
  "foreign",
  "view",
  "matview",
  "enum",
  "type",
  "sequence",
  "function",
  "extension",
] as const;
export type Kind = (typeof kinds)[number];

/** What holds rows, and the words that stand in their columns: enough to write a query. */
export const overviewKinds: readonly Kind[] = ["table", "partitioned", "foreign", "view", "matview", "enum"];

/** A partitioned table is one of the tables that somebody asks for. */
export function withPartitioned(asked: readonly Kind[]): readonly Kind[] {
  return asked.includes("table") ? [...new Set([...asked, "partitioned" as const])] : asked;
}
