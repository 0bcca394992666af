import { poll } from "@mooring/core";
import type { Database } from "../database.ts";
import { resource } from "../tool.ts";
import { completeDatabase, completeSchema, completeTable, isRelation } from "./complete.ts";
import { databaseOf } from "./known.ts";
import { pageOver } from "./pages.ts";
import { placeOfUri, tableUri } from "./uri.ts";

/** Milliseconds between two looks for a follower. */
const EVERY = 30_000;

/** One table or view: what it is made of, what it belongs to, and a few rows where the operator allows it. */
export const table = resource({
  name: "table",
  title: "Tables",
  description: "One table or view: DDL, comments, foreign keys both ways, indexes, policies.",
  uri: "pg://{database}/table/{schema}.{table}",
  mimeType: "text/markdown",
  list: (cursor, { databases, signal }) =>
    pageOver(
      databases,
      cursor,
      (database, { objects }) =>
        objects.filter(isRelation).map(({ schema, name, kind }) => ({
          uri: tableUri(database, schema, name),
          name: `${schema}.${name}`,
          description: `A ${kind === "table" || kind === "view" ? kind : ({ partitioned: "partitioned table", matview: "materialized view" }[kind as string] ?? "foreign table")}.`,
          mimeType: "text/markdown",
        })),
      signal,
    ),
  async read(uri, { database: name, schema = "", table: wanted = "" }, { databases, config, signal }) {
    const database: Database = databaseOf(databases, name);
    const { readTable } = await import("./read-table.ts");
    const text = await readTable(database, { schema, name: wanted, values: config.samples }, signal);
    return [{ uri, mimeType: "text/markdown", text }];
  },
  complete: { database: completeDatabase, schema: completeSchema, table: completeTable },
  watch(uri, changed, { databases }) {
    const place = placeOfUri(uri);
    const database = databaseOf(databases, place?.database);
    const look = async (signal: AbortSignal) =>
      (await import("./read-table.ts")).shapeOf(database, place?.schema ?? "", place?.table ?? "", signal);
    return poll(look, EVERY, changed);
  },
});
