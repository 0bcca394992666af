import type { Argument } from "./arguments.ts";
import { type Code, type Entry, print } from "./code.ts";
import { call, object, raw, text } from "./literals.ts";
import { constantName } from "./names.ts";
import { textMember } from "./json.ts";
import type { Chosen, Method, Operation } from "./operations.ts";
import { firstSentence, heading, mention } from "./plain-text.ts";
import { requestCode } from "./request.ts";
import type { Status } from "./statuses.ts";
import { fieldEntry, helpersOf } from "./zod-code.ts";

export type ToolAccess = "read" | "write" | "destructive";

/** All that a tool's files are written from. */
export interface ToolPlan extends Chosen {
  readonly list: readonly Argument[];
  readonly statuses: readonly Status[];
}

export function accessOf(method: Method): ToolAccess {
  if (method === "DELETE") return "destructive";
  return method === "GET" || method === "HEAD" ? "read" : "write";
}

/** The source of `src/tools/<tool>.ts`. */
export function toolFile(plan: ToolPlan): string {
  const { operation, tool, list, statuses } = plan;
  const told = statuses.filter(({ meaning }) => meaning !== undefined);
  const { parameter, request } = requestCode(operation, list);
  const sent = call("api.send", request);
  const definition = object(
    [
      { key: "name", value: text(tool) },
      { key: "title", value: text(titleOf(plan)) },
      { key: "description", value: text(descriptionOf(plan)) },
      { key: "access", value: text(accessOf(operation.method)) },
      ...(operation.method === "PUT" || operation.method === "DELETE"
        ? [{ key: "idempotent", value: raw("true") }]
        : []),
      { key: "input", value: inputCode(list) },
      ...(operation.method === "DELETE" ? [questionEntry(plan)] : []),
      {
        key: "run",
        value: {
          kind: "arrow",
          head: `(${parameter}, { api, signal }) =>`,
          body: told.length > 0 ? call("documented", sent, raw("STATUSES")) : sent,
        },
      },
      { key: "render", value: raw("answerText") },
    ],
    true,
  );
  const source = `export const ${constantName(tool)} = tool(${print(definition, 0, 0, 2)});`;
  const table = object(told.map(({ status, meaning = "" }) => ({ key: String(status), value: text(meaning) })));
  const statusTable = `/** What the API's description says of failures. */\nconst STATUSES = ${print(table, 0, 17)};`;
  return [importsOf(list, told.length > 0).join("\n"), ...(told.length > 0 ? [statusTable] : []), `${source}\n`].join(
    "\n\n",
  );
}

function importsOf(list: readonly Argument[], isDocumented: boolean): string[] {
  const helpers = helpersOf(list.map(({ shape }) => shape));
  const anything = ["anyList", "anyObject", "anyValue"].filter((name) => helpers.has(name));
  return [
    'import * as z from "zod";',
    'import { answerText } from "../answer-text.ts";',
    ...(anything.length > 0 ? [`import { ${anything.join(", ")} } from "../any-json.ts";`] : []),
    ...(isDocumented ? ['import { documented } from "../documented.ts";'] : []),
    ...(helpers.has("renamed") ? ['import { renamed } from "../renamed.ts";'] : []),
    'import { tool } from "../tool.ts";',
  ];
}

function inputCode(list: readonly Argument[]): Code {
  const fields = object(list.map((argument) => fieldEntry(argument, plainDescription(argument))));
  return { kind: "chain", start: "z", calls: [{ name: "strictObject", parameters: [fields] }] };
}

const PLACES = { path: "Path parameter", query: "Query parameter", header: "Header", body: "Field" } as const;

/** Said where the description says nothing. */
function plainDescription({ place, apiName }: Argument): string {
  if (place.in === "body" && place.isWhole) return "What is sent.";
  return mention(PLACES[place.in], apiName);
}

export function titleOf({ operation, tool }: Chosen): string {
  const title = heading(textMember(operation.definition, "summary") ?? "", 60);
  return title === "" ? plainTitle(tool) : title;
}

function plainTitle(tool: string): string {
  const words = tool.replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}

const MOST_DESCRIPTION = 300;

function descriptionOf(plan: Chosen): string {
  const { definition } = plan.operation;
  const summary = firstSentence(textMember(definition, "summary") ?? "", 140);
  const more = firstSentence(textMember(definition, "description") ?? "", MOST_DESCRIPTION - 140 - 1);
  const isSaid = same(summary) === "" || same(more) === "" || same(more).startsWith(same(summary));
  const whole = isSaid ? more || summary : `${summary} ${more}`;
  return whole === "" ? `${plainTitle(plan.tool)} (${urlOf(plan.operation)}).` : whole;
}

function same(text: string): string {
  return text
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, " ")
    .trim();
}

/** The operation as a person reads it, in characters that everybody sees. */
export function urlOf({ method, path }: Operation): string {
  const plain = path.replace(/[^\x21-\x7e]|<!--/g, "");
  return `${method} ${plain.length > 100 ? `${plain.slice(0, 99)}…` : plain}`;
}

/** A person hears which thing goes; arguments beside the path may change what happens, so they are shown too. */
function questionEntry(plan: ToolPlan): Entry {
  const { operation, list } = plan;
  const effect = { key: "effect", value: text(`${titleOf(plan)} (${urlOf(operation)}).`) };
  const names = list.map(({ name }) => name);
  const target = names.map((name) => `${name} \${${name}}`).join(", ");
  const isPlain =
    list.every(({ place }) => place.in === "path" && !place.isList) &&
    requestCode(operation, list).parameter.startsWith("{ ");
  const head = list.length === 0 ? "()" : isPlain ? `({ ${names.join(", ")} })` : "(input)";
  const code = list.length === 0 ? text(urlOf(operation)) : raw(isPlain ? `\`${target}\`` : "JSON.stringify(input)");
  return {
    key: "question",
    value: { kind: "arrow", head: `${head} =>`, body: object([{ key: "target", value: code }, effect]) },
  };
}
