import type * as z from "zod";
import { showInvisible } from "./fence.ts";
import { nearest } from "./nearest.ts";

/** How to parse for {@link explainInput}: a value that is missing is told from one of another type by its issue's input. */
export const REPORT = { reportInput: true } as const;

/** What is wrong with a tool's arguments, in words a model can act on: each problem, and the `names` that exist. */
export function explainInput(tool: string, names: readonly string[], error: z.ZodError): string {
  const problems = error.issues.slice(0, 8).map((issue) => explain(issue, names));
  if (error.issues.length > 8) problems.push(`and ${error.issues.length - 8} more problems`);
  return sentence(tool, problems);
}

/** The same for names that a tool does not take. */
export function explainUnknown(tool: string, names: readonly string[], given: readonly string[]): string {
  return sentence(tool, [unknownNames(given, "", names)]);
}

function sentence(tool: string, problems: readonly string[]): string {
  return `Invalid arguments for ${tool}: ${problems.join("; ").replace(/[.?]$/, "")}.`;
}

function explain(issue: z.core.$ZodIssue, names: readonly string[]): string {
  const where = issue.path.length > 0 ? path(issue.path) : "";
  if (issue.code === "unrecognized_keys") return unknownNames(issue.keys, where, names);
  return `${where ? `${where}: ` : ""}${reason(issue)}`;
}

function unknownNames(keys: readonly string[], where: string, names: readonly string[]): string {
  const unknown = keys.slice(0, 5).map((key) => `"${clean(key)}"`);
  const near = where === "" && keys.length === 1 ? nearest(keys[0] as string, names) : undefined;
  const there = names.length > 0 ? `there are: ${names.join(", ")}` : "it takes none";
  const known = where === "" ? (near ? `, did you mean "${near}"` : `; ${there}`) : "";
  return `${where ? `${where}: ` : ""}unknown ${unknown.length === 1 ? "argument" : "arguments"} ${unknown.join(", ")}${known}`;
}

/** What is wrong with one value, without naming it. Needs {@link REPORT} to tell what is missing. */
export function reason(issue: z.core.$ZodIssue): string {
  // A schema that says it in its own words knows better.
  if (issue.input !== undefined && !STANDARD.test(issue.message)) return own(issue.message);
  switch (issue.code) {
    case "invalid_type":
      return issue.input === undefined ? "is required" : `expected ${EXPECTED[issue.expected] ?? issue.expected}`;
    case "invalid_value":
      return `expected one of ${issue.values.map((value) => JSON.stringify(value)).join(", ")}`;
    case "too_big":
      return `must be at most ${String(issue.maximum)}${unit(issue.origin, Number(issue.maximum))}`;
    case "too_small":
      return `must be at least ${String(issue.minimum)}${unit(issue.origin, Number(issue.minimum))}`;
    default:
      return own(issue.message);
  }
}

/** How zod's own messages begin. */
const STANDARD = /^(?:Invalid|Too (?:big|small)|Unrecognized)/;

// The schema's words, not the caller's.
function own(message: string): string {
  return showInvisible(message.charAt(0).toLowerCase() + message.slice(1, 200));
}

const EXPECTED: Readonly<Record<string, string>> = {
  array: 'a list, such as ["a", "b"]',
  object: "an object",
  string: "a string",
  boolean: "true or false",
  number: "a number",
  int: "a whole number",
};

function unit(origin: string, count: number): string {
  const plural = count === 1 ? "" : "s";
  if (origin === "string") return ` character${plural}`;
  return origin === "array" ? ` item${plural}` : "";
}

function path(parts: readonly PropertyKey[]): string {
  return parts
    .map((part, i) => (typeof part === "number" ? `[${part}]` : `${i > 0 ? "." : ""}${clean(String(part))}`))
    .join("");
}

// Texts may come from the caller: one line, visible, short. Never cut: half a secret is not masked.
function clean(text: string): string {
  return text.length > 120 ? `(${text.length} characters)` : showInvisible(text.replace(/\s+/g, " "));
}
