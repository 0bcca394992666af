import { ToolError } from "@mooring/core";

/** A refusal: what, and what to do instead. */
export function refused(what: string, instead: string): ToolError {
  return new ToolError("denied", `Refused: ${what} is not allowed where only reading is.`, { hint: instead });
}

/** A refusal by the operator's policy. */
export function closed(what: string, instead: string): ToolError {
  return new ToolError("denied", `Refused: the operator has closed ${what}.`, { hint: instead });
}
