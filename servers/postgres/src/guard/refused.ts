import { ToolError, untrusted } from "@mooring/core";
import type { Name } from "./proof.ts";

/** Names that can be nothing but names: of one word, an operator, a cast from one type to another. */
const plain = /^[^\s<>]*$|^[\w.]*[-+*/<>=~!@#%^&|`?]+$|^[^\s<>]+ to [^\s<>]+$/;

/** Our words with names of the catalog in them: what might read as more than a name is fenced. */
export function words(texts: TemplateStringsArray, ...names: readonly (string | null | undefined)[]): string {
  return texts.reduce((said, text, at) => {
    const name = names[at - 1] ?? "";
    return said + (plain.test(name) ? name : untrusted(name, { exact: true })) + text;
  });
}

/** A refusal: what, and what to do instead. */
export function refused(what: string, instead: string): ToolError {
  return new ToolError("denied", `Refused: ${what} is not allowed where only reading is.`, { hint: instead });
}

/** A refusal by the operator's policy. */
export function closed(what: string, instead: string): ToolError {
  return new ToolError("denied", `Refused: the operator has closed ${what}.`, { hint: instead });
}

/** Says where in the database a refusal comes from. */
export async function within(what: string, instead: string, work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof ToolError) || error.kind === "unavailable") throw error;
    const where = what[0]?.toUpperCase() + what.slice(1);
    throw new ToolError("denied", `${where}: ${error.message}`, { hint: error.hint || instead });
  }
}

export function noFunction(name: Name): ToolError {
  return new ToolError("not_found", `There is no function ${name.join(".")}, or it is not in the search path.`, {
    hint: "Write its schema, or correct the name.",
  });
}

/** What to do instead of a statement with this node at its top. */
export function hintFor(node: string): string {
  if (/^(Insert|Update|Delete|Merge)Stmt$/.test(node)) return "`write` changes rows, at --access write.";
  if (/^(Transaction|VariableSet|Prepare|Execute|DeclareCursor|Fetch)/.test(node))
    return "Give the query alone: transactions and sessions are the server's.";
  if (/^(Create|Alter|Drop|Rename|Index|Truncate|Comment|View|Reindex|Vacuum)/.test(node))
    return "`migrate` changes the schema, at --access full.";
  return "Write one SELECT that only reads.";
}

export function manyStatements(count: number): ToolError {
  return new ToolError(
    "invalid_input",
    count === 0 ? "There is no statement in the SQL." : `The SQL holds ${count} statements; one is allowed.`,
    {
      hint: count === 0 ? "Give one statement." : "Give them one at a time.",
    },
  );
}
