import { ToolError } from "@mooring/core";
import type { Database } from "../database.ts";
import type { Inspection } from "../guard/proof.ts";

export interface WrapperOptions {
  readonly analyze: boolean;
  /** Schemas and outputs too: what findings need, and twice the bytes. */
  readonly verbose: boolean;
  /** 150018 for 15.18. */
  readonly version: number;
}

/** Options of EXPLAIN that this version knows (sql-explain of the manuals of 13 to 18). */
export function explainOptions({ analyze, verbose, version }: WrapperOptions): string {
  const options = ["FORMAT JSON", "SETTINGS", "SUMMARY", verbose && "VERBOSE"];
  // SERIALIZE (17) counts what it takes to fetch and print large values. Not MEMORY (17): planning seldom takes much. Not WAL
  // (13): what is measured here only reads.
  if (analyze) options.push("ANALYZE", "BUFFERS", version >= 170_000 && "SERIALIZE TEXT");
  return options.filter(Boolean).join(", ");
}

// Lines of their own: a comment at the end of the text must end there.
export function explainText(sql: string, options: WrapperOptions): string {
  return `EXPLAIN (${explainOptions(options)})\n${sql}\n`;
}

export function prepareText(sql: string, name: string): string {
  return `PREPARE ${name} AS\n${sql}\n`;
}

/**
 * Parses a wrapped statement again: it must be the wrapper's node around the very tree that was proved.
 * @throws ToolError `denied` where it is not
 */
export async function checkWrapped(
  database: Database,
  wrapped: string,
  inside: Inspection,
  node: "ExplainStmt" | "PrepareStmt",
  signal: AbortSignal,
): Promise<void> {
  const found = await database.inspect(wrapped, signal).catch((error: unknown) => {
    signal.throwIfAborted();
    return error instanceof ToolError && error.kind === "invalid_input" ? undefined : Promise.reject(error);
  });
  const same =
    found?.node === node && inside.hash !== "" && found.hash === inside.hash && found.params === inside.params;
  if (!same)
    throw new ToolError("denied", "The statement means something else after EXPLAIN.", {
      hint: "Give one plain SELECT, INSERT, UPDATE, DELETE or MERGE.",
    });
}
