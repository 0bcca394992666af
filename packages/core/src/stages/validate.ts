import { ToolError } from "../errors.ts";
import { explainInput, REPORT } from "../explain-input.ts";
import { measure } from "../measure.ts";
import type { Stage } from "../pipeline.ts";

/** Argument aliases, size, then the schema at the operator's level: a value above it is an unknown value. */
export const validate: Stage = {
  name: "validate",
  layer(subject, { definition }) {
    if (subject.kind !== "tool") return undefined;
    const { tool, accepted } = subject;
    const renamed = definition.aliases?.arguments?.[tool.name];
    return (call, next) => {
      measure(call.arguments);
      const parsed = accepted.safeParse(renamed ? rename(call.arguments, renamed) : (call.arguments ?? {}), REPORT);
      if (!parsed.success)
        throw new ToolError("invalid_input", explainInput(tool.name, accepted, parsed.error), { cause: parsed.error });
      call.input = parsed.data;
      return next(call);
    };
  },
};

function rename(given: unknown, renamed: Readonly<Record<string, string>>): unknown {
  if (given === null || typeof given !== "object" || Array.isArray(given)) return given ?? {};
  return Object.fromEntries(
    Object.entries(given).map(([key, value]) => [
      Object.hasOwn(renamed, key) && !Object.hasOwn(given, renamed[key] as string) ? (renamed[key] as string) : key,
      value,
    ]),
  );
}
