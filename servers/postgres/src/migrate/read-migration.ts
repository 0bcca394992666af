import { ToolError } from "@mooring/core";
import type { Database } from "../database.ts";
import type { Config } from "../options.ts";
import { refuseUnlessAllowed } from "./allowed.ts";
import { type Outside, outsideOf } from "./outside.ts";
import type { Step } from "./step.ts";
import { topOf } from "../parse-tree.ts";

/** What a text asks for: statements that run in one transaction, or one that refuses to. */
export type Migration =
  | { readonly kind: "steps"; readonly steps: readonly Step[] }
  | { readonly kind: "outside"; readonly step: Step; readonly outside: Outside };

/** Statements that one call may hold. */
const maxSteps = 100;

/**
 * Cuts a text where PostgreSQL's parser says, and refuses what no migration may hold. Asks no database.
 * @throws ToolError `invalid_input` for what is no SQL or too much of it, `denied` for what is not allowed
 */
export async function readMigration(
  database: Pick<Database, "statements" | "trees">,
  sql: string,
  open: Config["allowStatements"],
): Promise<Migration> {
  const [parts, trees] = await Promise.all([database.statements(sql), database.trees(sql)]);
  if (parts.length === 0)
    throw new ToolError("invalid_input", "There is no statement in the SQL.", { hint: "Give at least one." });
  if (parts.length > maxSteps)
    throw new ToolError("too_large", `The migration has ${parts.length} statements; ${maxSteps} are the most.`, {
      hint: "Split it where the schema is sound in between.",
    });
  const steps = parts.map((part, i): Step => {
    const { body } = topOf(trees[i] ?? {});
    const blank = part.sql.length - part.sql.trimStart().length;
    const line = sql.slice(0, part.start + blank).split("\n").length;
    return { number: i + 1, sql: part.sql, line, node: part.node, body, inspection: part.inspection };
  });
  const [first] = steps;
  const outside = steps.map(outsideOf);
  const apart = outside.findIndex((each) => each !== undefined);
  if (apart < 0) {
    for (const step of steps) refuseUnlessAllowed(step, open);
    const [param] = steps.filter(({ inspection }) => inspection.params > 0);
    if (param)
      throw new ToolError("invalid_input", `Statement ${param.number} has a $n, and a migration takes no params.`, {
        hint: "Write the values into the SQL.",
      });
    return { kind: "steps", steps };
  }
  if (steps.length > 1)
    throw new ToolError(
      "invalid_input",
      `Statement ${apart + 1} runs outside transactions, so it cannot stand beside others.`,
      {
        hint: "Give it alone, and the others in a call of their own.",
      },
    );
  const found = outside[0] as Outside;
  const step = first as Step;
  if (found.kind === "setting" || found.kind === "copy") refuseUnlessAllowed(step, open);
  return { kind: "outside", step, outside: found };
}
