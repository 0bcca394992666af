import { ToolError } from "./errors.ts";
import { holdsMark } from "./redact.ts";

/**
 * Refuses to write back what only stands for something else: a masked secret or a shown invisible character.
 * `allowed` names dotted argument paths where such marks may stand (text that is only compared).
 */
export function refuseMarks(input: Readonly<Record<string, unknown>>, allowed: readonly string[]): void {
  const walk = (value: unknown, path: string): void => {
    if (typeof value === "string") {
      if (holdsMark(value) && !allowed.includes(path))
        throw new ToolError("invalid_input", `${path} holds a mark that stands for masked or invisible text.`, {
          hint: "Leave that part of the text out of the change, or send the real text.",
        });
    } else if (Array.isArray(value)) for (const item of value) walk(item, path);
    else if (value !== null && typeof value === "object")
      for (const [key, inner] of Object.entries(value)) {
        if (holdsMark(key)) walk(key, path === "" ? "the arguments" : path);
        walk(inner, path === "" ? key : `${path}.${key}`);
      }
  };
  walk(input, "");
}
