import type { Database } from "../database.ts";
import { answerText } from "./answer-text.ts";
import { catalogOf } from "./catalog.ts";
import { type SchemaRequest, searchCatalog } from "./search.ts";

/** What was asked of the catalog, and how a model reads it: `head` in our words, `body` in those of the database. */
export async function answer(database: Database, request: SchemaRequest, signal: AbortSignal) {
  const [facts, found] = await Promise.all([
    database.facts(signal),
    searchCatalog(database, catalogOf(database), request, signal),
  ]);
  const answered = { ...found, database: { name: database.name, kind: database.kind, facts } };
  return { ...answered, text: answerText(answered) };
}
