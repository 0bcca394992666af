import { readFile, stat } from "node:fs/promises";
import { isObject, type JsonObject, textMember } from "./json.ts";
import { OpenApiError } from "./openapi-error.ts";
import { oneLine } from "./plain-text.ts";

/** More is not a description that somebody wrote or a service gave. */
const MAX_BYTES = 50_000_000;

/**
 * An API description from a file, JSON or YAML.
 * @throws OpenApiError when there is none, or not one of OpenAPI 3.0 or 3.1
 */
export async function readDocument(file: string): Promise<JsonObject> {
  return parseDocument(await textOf(file), file);
}

/** The same from its text; `name` is what errors call it. */
export async function parseDocument(text: string, name: string): Promise<JsonObject> {
  const source = text.replace(/^\uFEFF/, "");
  const document = await parsed(source, name);
  if (!isObject(document)) throw notOpenApi(name, "it holds no object");
  checkVersion(document, name);
  return document;
}

async function textOf(file: string): Promise<string> {
  if (/^https?:\/\//i.test(file))
    throw new OpenApiError(`${file} is an address, not a file. Download the description and name the file.`);
  try {
    const { size } = await stat(file);
    if (size > MAX_BYTES) throw new OpenApiError(`${file} has ${size} bytes; at most ${MAX_BYTES} are read.`);
    return await readFile(file, "utf8");
  } catch (error) {
    if (error instanceof OpenApiError) throw error;
    const code = error instanceof Error && "code" in error ? String(error.code) : "unknown error";
    const why = REASONS[code] ?? `cannot be read (${code})`;
    throw new OpenApiError(`${file} ${why}. Name the file of an OpenAPI description.`, { cause: error });
  }
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: "does not exist",
  ENOTDIR: "does not exist",
  EACCES: "may not be read",
  EPERM: "may not be read",
  EISDIR: "is a directory",
};

async function parsed(text: string, name: string): Promise<unknown> {
  if (text.trim() === "") throw notOpenApi(name, "it is empty");
  const looksLikeJson = /^\s*[[{]/.test(text);
  let problem: unknown;
  try {
    return JSON.parse(text);
  } catch (error) {
    problem = error;
  }
  try {
    // Heavy, and most descriptions are JSON.
    const { parse } = await import("yaml");
    return parse(text, { prettyErrors: false, logLevel: "error" });
  } catch (error) {
    const said = messageOf(looksLikeJson ? problem : error);
    throw notOpenApi(name, `it is neither JSON nor YAML: ${said}`, error);
  }
}

function messageOf(error: unknown): string {
  return oneLine(error instanceof Error ? error.message : String(error), 160);
}

function checkVersion(document: JsonObject, name: string): void {
  const version = textMember(document, "openapi");
  if (version !== undefined && /^3\.[01](?:\.|$)/.test(version)) return;
  if ("swagger" in document)
    throw new OpenApiError(
      `${name} is Swagger ${oneLine(String(document["swagger"]), 20)}; OpenAPI 3.0 and 3.1 are understood. ` +
        "Convert it, for example with `npx swagger2openapi --outfile openapi.json FILE`.",
    );
  if (version !== undefined)
    throw new OpenApiError(`${name} is OpenAPI ${oneLine(version, 20)}; 3.0 and 3.1 are understood.`);
  throw notOpenApi(name, 'it has no text "openapi" with its version');
}

function notOpenApi(name: string, why: string, cause?: unknown): OpenApiError {
  return new OpenApiError(`${name} is not an OpenAPI description: ${why}. Name a file in JSON or YAML.`, { cause });
}
