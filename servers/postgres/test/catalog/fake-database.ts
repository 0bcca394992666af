import type { CatalogRow, Database } from "../../src/database.ts";
import { openPolicy, type Policy } from "../../src/policy.ts";

/** Rows of a snapshot as the server would answer: the first says the stamp. */
export function snapshotRows(stamp: string, names: readonly (readonly [schema: string, name: string])[]): CatalogRow[] {
  const about = JSON.stringify({ total: names.length, stamp });
  if (names.length === 0) return [{ about, id: null }];
  return names.map(([schema, name], at) => ({
    about: at === 0 ? about : null,
    id: `r${at + 1}`,
    kind: "table",
    part: "0",
    schema,
    name,
    oid: String(at + 1),
    shown_schema: schema,
    shown_name: name,
    columns: null,
    comment: null,
  }));
}

/** A database whose catalog answers with what `rows` gives, or fails as it does. */
export function fakeDatabase(
  name: string,
  rows: (text: string, values: readonly (string | null)[], signal: AbortSignal) => CatalogRow[] | Promise<CatalogRow[]>,
  policy: Partial<Policy> = {},
): Database {
  const unused = () => Promise.reject(new Error("not of this fake"));
  return {
    name,
    policy: { ...openPolicy, ...policy },
    kind: "server",
    catalog: async (text: string, values: readonly (string | null)[], signal: AbortSignal) =>
      rows(text, values, signal),
    facts: unused,
    inspect: unused,
    prove: unused,
    read: unused,
    reading: unused,
    writing: unused,
    alone: unused,
    copyOut: unused,
    close: async () => {},
  } as unknown as Database;
}
