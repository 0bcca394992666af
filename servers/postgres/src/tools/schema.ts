import { createCursors, more, page, ToolError, untrusted } from "@mooring/core";
import * as z from "zod";
import { details } from "../catalog/detail.ts";
import { kinds } from "../catalog/kinds.ts";
import type { Place } from "../catalog/search.ts";
import { tool } from "../tool.ts";

const cursors = createCursors<Place>();

/** Objects that one page may have. */
const MOST = 1_000;

/** A limit that is checked and costs nothing in the list of tools. Nothing at all is refused too. */
const atMost = (most: number, what: string) =>
  [
    (value: { readonly length: number }) => value.length > 0 && value.length <= most,
    `expected 1 to ${most} ${what}`,
  ] as const;

export const schema = tool({
  name: "schema",
  title: "Schema",
  description:
    "Tables with columns (* primary key, ? may be null, -> foreign key), estimated rows and size. Start here.",
  access: "read",
  openWorld: false,
  maxBytes: 300_000,
  input: z.strictObject({
    find: z
      .string()
      .refine(...atMost(200, "characters"))
      .optional()
      .describe("Words of names, columns, comments; best first."),
    tables: z
      .array(z.string().refine(...atMost(300, "characters")))
      .refine(...atMost(50, "names"))
      .optional()
      .describe("Exactly these, as ddl."),
    schema: z.string().optional().describe("Only this one."),
    kinds: z.array(z.enum(kinds)).optional().describe("Only these."),
    detail: z.enum(details).optional().describe("full: with statistics."),
    format: z.enum(["text", "mermaid"]).optional().describe("mermaid: ER diagram."),
    ...page(MOST, 100),
    database: z.string().optional().describe("Which one."),
  }),

  async run({ limit, cursor, database: name, ...asked }, { databases, config, signal }) {
    if (asked.find !== undefined && asked.tables !== undefined)
      throw new ToolError("invalid_input", "`find` and `tables` exclude each other.", { hint: "Give one of them." });
    const database = databases.get(name);
    const bound = { database: database.name, ...asked };
    const place = cursor === undefined ? undefined : cursors.open(cursor, bound);
    const { answer } = await import("../catalog/answer.ts");
    const found = await answer(database, { ...asked, limit, place, values: config.samples }, signal);
    return { ...found, cursor: found.next === undefined ? undefined : cursors.seal(found.next, bound) };
  },

  render: ({ text: { head, body }, cursor }) =>
    [head, ...(body === "" ? [] : [untrusted(body, { exact: true })]), ...(cursor ? [more(cursor)] : [])].join("\n"),
});
