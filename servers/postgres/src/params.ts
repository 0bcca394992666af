import { ToolError } from "@mooring/core";
import type { Proof } from "./guard/proof.ts";

/**
 * Checks that there is a value for each `$n`, and that each arrives as it is. PostgreSQL would say it in words of its protocol, and as if the connection were
 * broken (SQLSTATE 08P01).
 * @throws ToolError `invalid_input`
 */
export function checkParams({ inspection }: Proof, params: readonly string[], howElse = ""): void {
  // It would arrive as another character.
  if (!params.every((param) => param.isWellFormed()))
    throw new ToolError("invalid_input", "A param is not valid Unicode: half of a surrogate pair stands in it.", {
      hint: "Write the character whole.",
    });
  const wanted = inspection.params;
  if (params.length === wanted) return;
  const values = params.length === 1 ? "1 value" : `${params.length} values`;
  throw new ToolError(
    "invalid_input",
    `The SQL has ${wanted} ${wanted === 1 ? "parameter" : "parameters"}, and params holds ${values}.`,
    { hint: wanted === 0 ? "Leave params out." : `Give one text for each $n${howElse}.` },
  );
}
