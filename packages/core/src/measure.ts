import { ToolError } from "./errors.ts";

const MAX_DEPTH = 64;
const MAX_ELEMENTS = 100_000;

/** Refuses arguments that are nested too deeply or hold too much, before a schema walks them. */
export function measure(value: unknown): void {
  let left = MAX_ELEMENTS;
  const walk = (inner: unknown, depth: number): void => {
    if (inner === null || typeof inner !== "object") return;
    if (depth > MAX_DEPTH)
      throw new ToolError("invalid_input", `The arguments are nested more than ${MAX_DEPTH} levels deep.`, {
        hint: "Send less.",
      });
    for (const item of Array.isArray(inner) ? inner : Object.values(inner)) {
      if (--left < 0)
        throw new ToolError(
          "invalid_input",
          `The arguments hold more than ${MAX_ELEMENTS.toLocaleString("en")} values.`,
          { hint: "Send less, in several calls." },
        );
      walk(item, depth + 1);
    }
  };
  walk(value, 0);
}
