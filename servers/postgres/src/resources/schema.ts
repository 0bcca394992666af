import { poll, untrusted } from "@mooring/core";
import { kinds } from "../catalog/kinds.ts";
import type { Database } from "../database.ts";
import { resource } from "../tool.ts";
import { completeDatabase, completeSchema } from "./complete.ts";
import { databaseOf } from "./known.ts";
import { pageOver } from "./pages.ts";
import { placeOfUri, schemaUri } from "./uri.ts";

/** Objects that the text has; the tool goes on from there. */
const MOST = 1_000;
/** Milliseconds between two looks for a follower. */
const EVERY = 30_000;

/** What one schema holds, a line each. */
export const schema = resource({
  name: "schema",
  title: "Schemas",
  description: "Tables with columns and keys, enums, functions and the rest of one schema, a line each.",
  uri: "pg://{database}/schema/{schema}",
  mimeType: "text/plain",
  list: (cursor, { databases, signal }) =>
    pageOver(
      databases,
      cursor,
      (database, { schemas }) =>
        schemas
          .filter((name) => !name.startsWith("pg_"))
          .map((name) => ({ uri: schemaUri(database, name), name, description: "A schema.", mimeType: "text/plain" })),
      signal,
    ),
  async read(uri, { database, schema: name }, { databases, signal }) {
    const { head, body } = await text(databaseOf(databases, database), name ?? "", signal);
    return [{ uri, mimeType: "text/plain", text: `${head}\n${untrusted(body, { exact: true })}\n` }];
  },
  complete: { database: completeDatabase, schema: completeSchema },
  watch(uri, changed, { databases }) {
    const place = placeOfUri(uri);
    const database = databaseOf(databases, place?.database);
    return poll(async (signal) => (await text(database, place?.schema ?? "", signal)).shape, EVERY, changed);
  },
});

async function text(database: Database, name: string, signal: AbortSignal) {
  const { answer: ask } = await import("../catalog/answer.ts");
  const answer = await ask(database, { schema: name, kinds: [...kinds], limit: MOST, values: false }, signal);
  const { head, body } = answer.text;
  const rest = answer.next ? `\nHere are the first; the schema tool goes on.` : "";
  // Estimates change with every row: what is followed is the shape.
  const shape = answer.entries.map(({ object: { id, name: its, columns, links, comment, other } }) => [
    id,
    its,
    columns,
    links,
    comment,
    other,
  ]);
  return { head: head + rest, body, shape };
}
