import { ToolError } from "@mooring/core";
import type { Database } from "../database.ts";
import type { Proof, StatementKind } from "../guard/proof.ts";
import type { Tree } from "../guard/walk.ts";

/** What a statement does to rows, by the strongest thing in it. */
export type ChangeKind = "insert" | "update" | "merge" | "delete";

/** A statement that was proved to change rows and nothing else. */
export interface Change {
  readonly proof: Proof;
  readonly kind: ChangeKind;
  /** It changes rows at several places: in WITH, or below a SELECT. Its command tag counts only the last of them. */
  readonly several: boolean;
}

const changing: readonly StatementKind[] = ["insert", "update", "delete", "merge"];

/**
 * Proves that a statement changes rows and nothing else, under the policy of the database.
 * @throws ToolError `invalid_input` for what changes nothing, `denied` for what may not run
 */
export async function proveChange(database: Database, sql: string, signal: AbortSignal): Promise<Change> {
  const { strongest, kind } = await database.inspect(sql, signal);
  if (strongest === "select" || kind === "show" || kind === "explain")
    throw new ToolError("invalid_input", "The statement changes no rows.", {
      hint: "Read with `query`, plan with `explain`.",
    });
  if (kind === "other") throw notRows(await nodeOf(database, sql));
  const proof = await database.prove(sql, signal, { kinds: [...changing, "select"] });
  const [tree = {}] = await database.trees(sql);
  return { proof, kind: strongest as ChangeKind, several: kind === "select" || placesOf(tree) > 1 };
}

async function nodeOf(database: Database, sql: string): Promise<string> {
  const [tree = {}] = await database.trees(sql);
  return Object.keys(tree)[0] ?? "";
}

function notRows(node: string): ToolError {
  if (node === "CopyStmt")
    return new ToolError("denied", "COPY is not allowed here.", {
      hint: "Use INSERT … SELECT FROM unnest($1::text[]), or VALUES.",
    });
  if (/^(Transaction|VariableSet|Call|Do|Prepare|Execute|Notify|Listen|Lock|Load|Discard)Stmt$/.test(node))
    return new ToolError("denied", "Only INSERT, UPDATE, DELETE and MERGE can run here.", {
      hint: "Give the change alone: transactions and sessions are the server's.",
    });
  return new ToolError("denied", "Only INSERT, UPDATE, DELETE and MERGE can run here.", {
    hint: "`migrate` changes the schema, at --access full.",
  });
}

/** How many statements of the tree change rows. */
function placesOf(tree: Tree): number {
  let places = 0;
  const stack: unknown[] = [tree];
  while (stack.length > 0) {
    const value = stack.pop();
    if (typeof value !== "object" || value === null) continue;
    for (const [key, child] of Object.entries(value)) {
      if (/^(Insert|Update|Delete|Merge)Stmt$/.test(key)) places += 1;
      stack.push(child);
    }
  }
  return places;
}
