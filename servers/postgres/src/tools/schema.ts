import { createCursors, more, page, ToolError, untrusted } from "@mooring/core";
import * as z from "zod";
import { answerText } from "../catalog/answer-text.ts";
import { catalogOf } from "../catalog/catalog.ts";
import { details } from "../catalog/detail.ts";
import { kinds } from "../catalog/kinds.ts";
import { type Place, searchCatalog } from "../catalog/search.ts";
import { tool } from "../tool.ts";

const cursors = createCursors<Place>();

/** Objects that one page may have. */
const MOST = 1_000;

export const schema = tool({
  name: "schema",
  title: "Schema",
  description:
    "What the database holds: tables with columns (* primary key, ? may be null, -> foreign key), estimated rows and size; indexes, checks, policies and more with detail ddl. Start here before writing SQL.",
  access: "read",
  openWorld: false,
  maxBytes: 250_000,
  input: z.strictObject({
    find: z.string().max(200).optional().describe("Words in names, columns or comments; best match first."),
    tables: z
      .array(z.string().min(1).max(300))
      .min(1)
      .max(50)
      .optional()
      .describe("Exactly these, with ddl unless said."),
    schema: z.string().optional().describe("Only this schema; also a system schema."),
    kinds: z.array(z.enum(kinds)).min(1).optional(),
    detail: z.enum(details).optional().describe("full: also statistics."),
    format: z.enum(["text", "mermaid"]).default("text").describe("mermaid: ER diagram."),
    ...page(MOST, 100),
    database: z.string().optional().describe("Which one."),
  }),

  async run({ limit, cursor, database: name, ...asked }, { databases, config, signal }) {
    if (asked.find !== undefined && asked.tables !== undefined)
      throw new ToolError("invalid_input", "`find` and `tables` exclude each other.", { hint: "Give one of them." });
    const database = databases.get(name);
    const bound = { database: database.name, ...asked };
    const place = cursor === undefined ? undefined : cursors.open(cursor, bound);
    const [facts, found] = await Promise.all([
      database.facts(signal),
      searchCatalog(database, catalogOf(database), { ...asked, limit, place, values: config.samples }, signal),
    ]);
    return {
      ...found,
      database: { name: database.name, kind: database.kind, facts },
      cursor: found.next === undefined ? undefined : cursors.seal(found.next, bound),
    };
  },

  render(answer) {
    const { head, body } = answerText(answer);
    return [
      head,
      ...(body === "" ? [] : [untrusted(body, { exact: true })]),
      ...(answer.cursor ? [more(answer.cursor)] : []),
    ].join("\n");
  },
});
