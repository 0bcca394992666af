import { measure } from "../measure.ts";
import { parseInput } from "../parse-input.ts";
import type { Stage } from "../pipeline.ts";

/** Argument aliases, size, then the schema at the operator's level: a value above it is an unknown value. */
export const validate: Stage = {
  name: "validate",
  layer(subject, { definition, renamed }) {
    if (subject.kind !== "tool") return undefined;
    const { tool, accepted, listed } = subject;
    const takes = {
      name: tool.name,
      accepted,
      listed,
      fixed: tool.fixed,
      renamed: definition.aliases?.arguments?.[tool.name],
      onRenamed: (old: string, current: string) => renamed(old, `the argument "${current}" of the tool "${tool.name}"`),
    };
    return (call, next) => {
      measure(call.arguments);
      call.input = parseInput(takes, call.arguments);
      return next(call);
    };
  },
};
