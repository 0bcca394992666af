import type * as z from "zod";
import { ToolError } from "./errors.ts";
import { explainInput, explainUnknown, REPORT } from "./explain-input.ts";

/** What a tool or prompt takes, as this process offers it. */
export interface Takes {
  readonly name: string;
  readonly accepted: z.ZodObject;
  /** The arguments that are listed, for words about what a call got wrong. */
  readonly listed: readonly string[];
  /** Decided by the configuration: refused when given. */
  readonly fixed?: Readonly<Record<string, unknown>> | undefined;
  /** Old name of an argument → new one. */
  readonly renamed?: Readonly<Record<string, string>> | undefined;
  /** Hears of each old name that was taken for the new one. */
  onRenamed?(old: string, current: string): void;
}

/**
 * The arguments of a call, parsed.
 * @throws ToolError `invalid_input` that says each problem and the names that there are
 */
export function parseInput(takes: Takes, args: unknown): Record<string, unknown> {
  const { name, accepted, listed, fixed, renamed } = takes;
  let given: unknown = args ?? {};
  if (renamed && isRecord(given)) given = rename(given, renamed, takes);
  if (fixed && isRecord(given)) {
    const sent = Object.keys(fixed).filter((key) => Object.hasOwn(given as object, key));
    if (sent.length > 0) throw new ToolError("invalid_input", explainUnknown(name, listed, sent));
    given = { ...given, ...fixed };
  }
  const parsed = accepted.safeParse(given, REPORT);
  if (!parsed.success)
    throw new ToolError("invalid_input", explainInput(name, listed, parsed.error), { cause: parsed.error });
  return parsed.data;
}

// Given under both names, the old one is an unknown argument.
function rename(
  given: Readonly<Record<string, unknown>>,
  renamed: Readonly<Record<string, string>>,
  { onRenamed }: Takes,
): unknown {
  return Object.fromEntries(
    Object.entries(given).map(([key, value]) => {
      const current = Object.hasOwn(renamed, key) ? renamed[key] : undefined;
      if (current === undefined || Object.hasOwn(given, current)) return [key, value];
      onRenamed?.(key, current);
      return [current, value];
    }),
  );
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return value !== null && typeof value === "object" && !Array.isArray(value);
}
