import { accesses } from "./access.ts";
import type { ServerDefinition } from "./definition.ts";
import { fallbackText } from "./help.ts";
import { commonOptions, kindOf, type Option, type Options, type ValueKind, valuesOf, variableOf } from "./options.ts";

/** An option as a host's form shows it. */
export interface Setting {
  readonly key: string;
  readonly option: Option;
  readonly variable: string;
  readonly kind: Exclude<ValueKind, "object">;
  /** What a person can pick from. */
  readonly values: readonly string[] | undefined;
  /** The default as it is written in a variable. */
  readonly fallback: string | undefined;
  /** The server is of no use without it. */
  readonly required: boolean;
  /** A sentence or two without Markdown. */
  readonly description: string;
}

/**
 * What a form of a host asks: the server's own options, then how far it may go and who is asked. The other common options are for
 * operators, and objects (several accounts) for the configuration file.
 */
export function settings<Deps>(definition: ServerDefinition<Deps>, options: Options): Setting[] {
  const { access, confirm } = commonOptions({ redact: definition.redact ?? "own" });
  const changes = definition.tools.some((tool) => tool.guard || accesses(tool.access).some((each) => each !== "read"));
  const asked: Options = { ...options, ...(changes && { access, confirm }) };
  return Object.entries(asked).flatMap(([key, option]) => {
    const kind = kindOf(option.schema);
    if (kind === "object") return [];
    const fallback = kind === "boolean" ? (fallbackText(option) ?? "false") : fallbackText(option);
    return {
      key,
      option,
      variable: variableOf(definition.name, key, option),
      kind,
      values: valuesOf(option.schema),
      fallback,
      // What stands without a flag is what the server is about, also where it starts without.
      required: option.positional ? fallback === undefined : isRequired(option),
      description: option.description.replaceAll("`", '"'),
    };
  });
}

export function isRequired({ schema }: Option): boolean {
  return !schema.safeParse(undefined).success;
}

/** Whether the value is a path, and of what: options say so by `valueName`. */
export function pathKind({ valueName }: Option): "directory" | "file" | undefined {
  return valueName === "DIR" ? "directory" : valueName === "FILE" ? "file" : undefined;
}
