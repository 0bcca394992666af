/** What generated tools share, written only where one of them uses it. */
export const sharedFiles = {
  "src/answer-text.ts": `import { lines, untrusted } from "@mooring/core";

type Row = Readonly<Record<string, unknown>>;

/** Wider tables are harder to read than JSON. */
const MOST_COLUMNS = 12;

/** What the service answered: lists of flat objects as a table, anything else as JSON. Others wrote it, so it is marked. */
export function answerText(answer: unknown): string {
  if (answer === undefined || answer === null || answer === "") return "Done. The service said nothing more.";
  if (Array.isArray(answer) && answer.length === 0) return lines([]);
  return untrusted(typeof answer === "string" ? answer : (table(answer) ?? page(answer) ?? json(answer)));
}

/** An object around one list: \`{ "items": [...], "next": "abc" }\`. */
function page(answer: unknown): string | undefined {
  if (!isObject(answer)) return undefined;
  const entries = Object.entries(answer).map(([name, value]) => {
    const rows = table(value);
    return rows === undefined ? [name, isFlat(value) ? cell(value) : undefined] : [name, \`\\n\${rows}\`];
  });
  if (entries.length > 20 || entries.some(([, text]) => text === undefined)) return undefined;
  return entries.map(([name, text]) => \`\${name}: \${text}\`).join("\\n");
}

function table(value: unknown): string | undefined {
  if (!Array.isArray(value) || value.length === 0 || !value.every(isRow)) return undefined;
  const columns = [...new Set(value.flatMap((row) => Object.keys(row)))];
  if (columns.length === 0 || columns.length > MOST_COLUMNS) return undefined;
  const rows = value.map((row) => columns.map((column) => cell(row[column])).join(" | "));
  return [columns.join(" | "), ...rows].join("\\n");
}

function cell(value: unknown): string {
  if (value === undefined || value === null) return "";
  return typeof value === "string" && !/[|\\r\\n]/.test(value) ? value : JSON.stringify(value);
}

function isRow(value: unknown): value is Row {
  return isObject(value) && Object.values(value).every(isFlat);
}

function isObject(value: unknown): value is Row {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isFlat(value: unknown): boolean {
  return typeof value !== "object" || value === null;
}

function json(value: unknown): string {
  return JSON.stringify(value, undefined, 1);
}
`,
  "test/answer-text.test.ts": `import { expect, test } from "vitest";
import { answerText } from "../src/answer-text.ts";

test.for([
  ["nothing", undefined, "Done. The service said nothing more."],
  ["an empty list", [], "Nothing found."],
] as const)("%s is said in our words", ([, answer, text]) => {
  expect(answerText(answer)).toBe(text);
});

test.for([
  ["text", "as it is", "as it is"],
  ["flat objects", [{ id: 1, name: "a|b" }, { id: 2 }], 'id | name\\n1 | "a|b"\\n2 | '],
  ["a page", { items: [{ id: 1 }], next: "x" }, "items: \\nid\\n1\\nnext: x"],
  ["anything else", [{ id: { deep: true } }], '[\\n {\\n  "id": {\\n   "deep": true\\n  }\\n }\\n]'],
] as const)("%s is shown, and marked as text of others", ([, answer, text]) => {
  const shown = answerText(answer);
  expect(shown).toContain(text);
  expect(shown).not.toBe(text);
});
`,
  "src/any-json.ts": `import * as z from "zod";

/** Any object; what it holds, the service checks. A record of anything is a schema that some providers refuse. */
export const anyObject = z.unknown().refine(isObject, "expected an object").meta({ type: "object" });

export const anyList = z.array(z.unknown());

export const anyValue = z.union([z.string(), z.number(), z.boolean(), anyObject, anyList]);

function isObject(value: unknown): boolean {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
`,
  "src/documented.ts": `import { HttpApiError, ToolError } from "@mooring/core";
import { mapError } from "./errors.ts";

/** Adds to a failure what the API's description says of its status. */
export async function documented<T>(answer: Promise<T>, statuses: Readonly<Record<number, string>>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    const failure = error instanceof ToolError ? error : mapError(error);
    const answered = error instanceof ToolError ? error.cause : error;
    const meaning = answered instanceof HttpApiError ? statuses[answered.status] : undefined;
    if (!failure || meaning === undefined) throw error;
    const { kind, message, retryAfterMs, retryable } = failure;
    const hint = failure.hint ?? mapError(answered)?.hint;
    const said = hint === undefined ? meaning : \`\${meaning} \${hint}\`;
    throw new ToolError(kind, message, { hint: said, retryAfterMs, retryable, cause: error });
  }
}
`,
  "test/documented.test.ts": `import { HttpApiError, ToolError } from "@mooring/core";
import { expect, test } from "vitest";
import { documented } from "../src/documented.ts";

const STATUSES = { 404: "No such thing." };

test("an answer passes", async () => {
  expect(await documented(Promise.resolve(1), STATUSES)).toBe(1);
});

test("what the client has told already keeps its kind, and gets the meaning", async () => {
  const cause = new HttpApiError("The service", 404, "");
  const told = new ToolError("outcome_unknown", "It may have happened.", { hint: "Look first.", cause });
  await expect(documented(Promise.reject(told), STATUSES)).rejects.toMatchObject({
    kind: "outcome_unknown",
    message: "It may have happened.",
    hint: "No such thing. Look first.",
  });
});

test("what is not documented stays as it is", async () => {
  for (const error of [new HttpApiError("The service", 500, ""), new Error("other"), new ToolError("denied", "No.")])
    await expect(documented(Promise.reject(error), STATUSES)).rejects.toBe(error);
});
`,
  "src/renamed.ts": `/** Gives the members of an object the names that the API has for them; for \`transform\`. */
export function renamed(names: Readonly<Record<string, string>>) {
  const ours = new Map(Object.entries(names));
  return (value: Readonly<Record<string, unknown>>): Record<string, unknown> =>
    Object.fromEntries(Object.entries(value).map(([name, inner]) => [ours.get(name) ?? name, inner]));
}
`,
} as const;
