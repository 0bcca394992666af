import * as z from "zod";
import { type AccessLevel, admits, byArgument } from "./access.ts";
import type { AnyTool } from "./tool.ts";

/** A tool's arguments as one process offers them. */
export interface Narrowed {
  /** What a call may hold. */
  readonly accepted: z.ZodObject;
  /** Arguments that are not listed: decided by the configuration, or left with one value by the level. */
  readonly unlisted: ReadonlySet<string>;
}

/** A tool's arguments without the values above a level, and without listing those that are decided already. */
export function narrowed<Deps>(
  { input, access, fixed = {} }: Pick<AnyTool<Deps>, "input" | "access" | "fixed">,
  level: AccessLevel,
): Narrowed {
  const unlisted = new Set(Object.keys(fixed));
  // Strict, however the object was made: a misspelt argument must not count as one left out.
  const strict: z.ZodObject = input.strict();
  const by = byArgument(access);
  if (!by) return { accepted: strict, unlisted };
  const left = [...by.values].filter(([, each]) => admits(level, each)).map(([value]) => value);
  if (left.length === by.values.size) return { accepted: strict, unlisted };
  const accepted = withValues(strict, by.argument, left);
  if (left.length === 1 && coreOf(shapeOf(input)[by.argument] as z.ZodType) instanceof z.ZodBoolean)
    unlisted.add(by.argument);
  return { accepted, unlisted };
}

/** The same input with fewer values of one argument. A default that is not among them goes: the caller then has to choose. */
export function withValues(input: z.ZodObject, argument: string, values: readonly string[]): z.ZodObject {
  const schema = fewerValues(shapeOf(input)[argument] as z.ZodType, values);
  // `extend` refuses objects with checks of their own.
  return input.safeExtend({ [argument]: schema } as never) as unknown as z.ZodObject;
}

export function shapeOf(input: z.ZodObject): Readonly<Record<string, z.ZodType>> {
  return input.shape as Record<string, z.ZodType>;
}

/** The schema below `.optional()`, `.default()` and the like. */
export function coreOf(schema: z.ZodType): z.ZodType {
  const inner = (schema.def as { innerType?: z.ZodType }).innerType;
  return inner ? coreOf(inner) : schema;
}

// Wrappers are kept; a zod default is not checked against the schema below it, so one that no longer fits has to go.
function fewerValues(schema: z.ZodType, values: readonly string[]): z.ZodType {
  const inner = (schema.def as { innerType?: z.ZodType }).innerType;
  const fewer = inner ? fewerValues(inner, values) : ofValues(schema, values);
  const rebuilt = inner ? rewrapped(schema, fewer, values) : fewer;
  return schema.description && !rebuilt.description ? rebuilt.describe(schema.description) : rebuilt;
}

function rewrapped(wrapper: z.ZodType, inner: z.ZodType, values: readonly string[]): z.ZodType {
  if (!(wrapper instanceof z.ZodDefault)) return inner.optional();
  const { defaultValue } = wrapper.def;
  return values.includes(String(defaultValue)) ? inner.default(defaultValue as never) : inner;
}

function ofValues(core: z.ZodType, values: readonly string[]): z.ZodType {
  return core instanceof z.ZodBoolean ? z.literal(values.map((value) => value === "true")) : z.enum(values as string[]);
}
