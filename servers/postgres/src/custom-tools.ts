import { type AnyTool, type CheckLine, ToolError } from "@mooring/core";
import * as z from "zod";
import type { Databases } from "./database.ts";
import type { Parser } from "./guard/parser.ts";
import type { Config } from "./options.ts";
import { checkParams } from "./params.ts";
import { type Deps, tool } from "./tool.ts";
import { answerWith, renderAnswer, STANDARD_ROWS } from "./values/answer.ts";

type Queries = Config["queries"];

/** The tools of the configuration: SQL that the operator wrote, with values that a model gives. */
export function customTools(queries: Queries): AnyTool<Deps>[] {
  return Object.entries(queries).map(([name, { title, description, sql, params, database: fixed }]) =>
    tool({
      name,
      title: title ?? name.replaceAll("_", " ").replace(/^./, (first) => first.toUpperCase()),
      description,
      access: "read",
      input: z.strictObject({
        ...Object.fromEntries(params.map((param) => [param.name, z.string().describe(param.description)])),
        cursor: z.string().optional().describe("Of the last answer: its next rows."),
        ...(fixed === undefined && { database: z.string().optional().describe("Which one.") }),
      }),
      async run(input: Readonly<Record<string, unknown>>, { databases, signal, progress }) {
        const text = (argument: string) => input[argument] as string | undefined;
        const database = databases.get(fixed ?? text("database"));
        const values = params.map((param) => text(param.name) ?? "");
        const statement = await database.prove(sql, signal);
        checkParams(statement, values);
        return answerWith(database, statement, {
          params: values,
          maxRows: STANDARD_ROWS,
          format: "table",
          cursor: text("cursor"),
          signal,
          progress,
        });
      },
      render: renderAnswer,
    }),
  );
}

/** What keeps the configured SQL from being a tool, by its parse tree alone: one line each, before anything is served. */
export async function customToolProblems(
  queries: Queries,
  databases: readonly string[],
  parser: Parser,
): Promise<string[]> {
  const problems = await Promise.all(
    Object.entries(queries).map(async ([name, { sql, params, database }]): Promise<string[]> => {
      const own = `queries.${name}`;
      const taken = params.map((param) => param.name).filter((param) => param === "cursor" || param === "database");
      const twice = params.filter(({ name: param }, i) => params.findIndex((each) => each.name === param) !== i);
      const found = [
        ...taken.map((param) => `${own}: "${param}" cannot be the name of a parameter.`),
        ...twice.map((param) => `${own}: the parameter "${param.name}" stands there twice.`),
        ...(database !== undefined && !databases.includes(database)
          ? [`${own}: there is no database "${database}".`]
          : []),
      ];
      try {
        const inspection = await parser.ask("inspect", sql);
        if ("statements" in inspection)
          found.push(`${own}: it holds ${inspection.statements} statements instead of one.`);
        else if (inspection.refusal !== undefined) found.push(`${own}: ${inspection.refusal} is not reading.`);
        else if (inspection.params !== params.length)
          found.push(`${own}: the SQL has ${inspection.params} parameters ($n), and ${params.length} are described.`);
      } catch (error) {
        if (!(error instanceof ToolError)) throw error;
        found.push(`${own}: ${error.message}`);
      }
      return found;
    }),
  );
  return problems.flat();
}

/** For `--check`: the databases' own catalogs about every name in them. */
export async function proveCustomTools(
  queries: Queries,
  databases: Databases,
  signal: AbortSignal,
): Promise<CheckLine[]> {
  const lines: CheckLine[] = [];
  for (const [name, { sql, database }] of Object.entries(queries))
    for (const each of database === undefined ? databases.names : [database])
      lines.push(
        await databases
          .get(each)
          .prove(sql, signal)
          .then(
            () => ({ name: `query ${name}`, ok: true, detail: `only reads ${each}` }),
            (error: unknown) => {
              if (!(error instanceof ToolError)) throw error;
              return { name: `query ${name}`, ok: false, detail: error.message, fix: error.hint ?? "Correct it." };
            },
          ),
      );
  return lines;
}
