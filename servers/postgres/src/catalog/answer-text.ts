import type { Database, ServerFacts } from "../database.ts";
import { mermaidOf } from "./mermaid.ts";
import { nameLines } from "./lines.ts";
import { type Entry, missingText, type SchemaAnswer } from "./search.ts";
import { shownName } from "./shown-name.ts";

export interface Shown extends SchemaAnswer {
  readonly database: { readonly name: string; readonly kind: Database["kind"]; readonly facts: ServerFacts };
}

/** What is said in our words, and what is the database's own. */
export function answerText(answer: Shown): { readonly head: string; readonly body: string } {
  return { head: [serverText(answer), countText(answer)].join("\n"), body: bodyText(answer) };
}

/** `shop: PostgreSQL 15.18, privileged: superuser.` */
function serverText({ database: { name, kind, facts } }: Pick<Shown, "database">): string {
  return `${[
    `${name}: PostgreSQL ${facts.version.split(" ", 1)[0]}`,
    ...(kind === "demo" ? ["embedded demo database"] : []),
    ...(facts.recovering ? ["standby"] : []),
    ...(facts.privileges.length > 0 ? [`privileged: ${facts.privileges.join(", ")}`] : []),
  ].join(", ")}.`;
}

function countText({ entries, passed, total, others }: Shown): string {
  const count = (n: number) => n.toLocaleString("en");
  const said =
    total === 0
      ? "Nothing found."
      : entries.length === total
        ? `${count(total)} ${total === 1 ? "object" : "objects"}.`
        : `${count(total)} objects; here ${count(passed + 1)}-${count(passed + entries.length)}.`;
  const more = others.map(([kind, n]) => `${count(n)} ${kind}`).join(", ");
  return more === "" ? said : `${said} Other kinds: ${more}.`;
}

function bodyText(answer: Shown): string {
  const { entries, detail, format, missing, schemas, total } = answer;
  const parts: string[] = [];
  if (schemas.length > 1 && entries.length < total)
    parts.push(`schemas: ${schemas.map(([schema, n]) => `${shownName(schema)} ${n}`).join(", ")}`);
  if (missing.length > 0) parts.push(`not there: ${missingText(missing)}`);
  if (format === "mermaid") {
    if (entries.length > 0) parts.push(`\`\`\`mermaid\n${mermaidOf(entries.map(({ object }) => object))}\n\`\`\``);
  } else if (detail === "ddl" || detail === "full") parts.push(entries.map(({ text }) => text).join("\n\n"));
  else if (answer.ranked && detail === "columns") parts.push(...entries.map(({ text }) => text));
  else parts.push(...bySchema(entries, detail === "names"));
  return parts.filter((part) => part !== "").join("\n");
}

function bySchema(entries: readonly Entry[], namesOnly: boolean): string[] {
  const groups = new Map<string, Entry[]>();
  for (const entry of entries) {
    const group = groups.get(entry.object.shownSchema) ?? [];
    group.push(entry);
    groups.set(entry.object.shownSchema, group);
  }
  return [...groups].flatMap(([schema, group]) => [
    `schema ${shownName(schema)}`,
    ...(namesOnly ? nameLines(group.map(({ object }) => object)) : group.map(({ text }) => text)),
  ]);
}
