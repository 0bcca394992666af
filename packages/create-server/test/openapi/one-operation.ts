import { type GeneratedTools, generateTools } from "../../src/openapi/index.ts";

export interface OneOperation {
  readonly method?: string;
  readonly path?: string;
  readonly operation?: Record<string, unknown>;
  readonly schemas?: Record<string, unknown>;
  /** Members of the description itself. */
  readonly document?: Record<string, unknown>;
}

/** A description of one operation, with the id `doIt`. */
export function description({ method = "get", path = "/things", operation, schemas, document }: OneOperation): string {
  return JSON.stringify({
    openapi: "3.1.0",
    info: { title: "Things", version: "1" },
    paths: { [path]: { [method]: { operationId: "doIt", ...operation } } },
    components: { schemas },
    ...document,
  });
}

export function generated(one: OneOperation): Promise<GeneratedTools> {
  return generateTools({ file: "things.json", text: description(one) }, ["doIt"]);
}

/** The tool's source. */
export async function toolSource(one: OneOperation): Promise<string> {
  return (await generated(one)).files.get("src/tools/do-it.ts") ?? "";
}

/** The schema of one member of a body, as it stands in the tool. */
export async function memberSource(schema: unknown, schemas: Record<string, unknown> = {}): Promise<string> {
  const content = { "application/json": { schema: { type: "object", properties: { it: schema } } } };
  const source = await toolSource({ method: "post", operation: { requestBody: { required: true, content } }, schemas });
  const [, found = ""] = /input: z\.strictObject\(\{([\s\S]*?)\}\),\n  run:/.exec(source) ?? [];
  return found
    .replace(/\s*\n\s*/g, "")
    .trim()
    .replace(/,$/, "");
}

/** The same of a parameter in the query. */
export async function querySource(parameter: Record<string, unknown>): Promise<string> {
  return toolSource({ operation: { parameters: [{ name: "it", in: "query", ...parameter }] } });
}
