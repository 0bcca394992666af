import { ToolError } from "@mooring/core";
import { ddlOf } from "../catalog/ddl.ts";
import { type Described, describeObjects } from "../catalog/describe.ts";
import { overviewKinds } from "../catalog/kinds.ts";
import type { Database } from "../database.ts";
import { sampleOf } from "./sample.ts";
import { tableMarkdown } from "./table-markdown.ts";

export interface Found {
  readonly table: Described;
  /** Schemas that must not be named. */
  readonly hidden: readonly string[];
}

/** One table or view by its exact name. Throws `not_found` for what is missing or kept back. */
async function tableOf(
  database: Database,
  schema: string,
  name: string,
  how: { readonly full?: boolean; readonly values?: boolean },
  signal: AbortSignal,
): Promise<Found> {
  const kinds = overviewKinds.filter((kind) => kind !== "enum");
  const { objects, hidden } = await describeObjects(
    database,
    { kinds, names: [{ schema, name }], limit: 1 },
    how,
    signal,
  );
  const [table] = objects;
  if (!table)
    throw new ToolError("not_found", "There is no such table or view, or it is kept back.", {
      hint: "The list of resources has those that there are.",
    });
  return { table, hidden };
}

/** A table as Markdown, with a few rows where `values` are allowed. Throws as {@link tableOf} does. */
export async function readTable(
  database: Database,
  { schema, name, values }: { readonly schema: string; readonly name: string; readonly values: boolean },
  signal: AbortSignal,
): Promise<string> {
  const found = await tableOf(database, schema, name, { full: true, values }, signal);
  return tableMarkdown(found, values ? await sampleOf(database, found.table, signal) : undefined);
}

/** What of a table is no estimate: its DDL. */
export async function shapeOf(database: Database, schema: string, name: string, signal: AbortSignal): Promise<string> {
  const { table, hidden } = await tableOf(database, schema, name, {}, signal);
  return ddlOf({ ...table, rows: undefined, bytes: undefined }, { hidden });
}
