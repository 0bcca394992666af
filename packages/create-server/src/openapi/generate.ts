import { type Argument, argumentsOf } from "./arguments.ts";
import { type JsonObject, objectMember, textMember } from "./json.ts";
import { constantName, kebabCase } from "./names.ts";
import { OpenApiError } from "./openapi-error.ts";
import { chooseOperations } from "./operations.ts";
import { heading } from "./plain-text.ts";
import { parseDocument, readDocument } from "./read-document.ts";
import { requestOf } from "./request.ts";
import { type Auth, authOf, baseUrlOf, credentialHeaders } from "./service.ts";
import { sharedFiles } from "./shared-files.ts";
import { statusesOf } from "./statuses.ts";
import { inputOf, testFile } from "./test-file.ts";
import { accessOf, titleOf, type ToolAccess, toolFile, type ToolPlan, urlOf } from "./tool-file.ts";
import { print } from "./code.ts";
import { list, raw } from "./literals.ts";
import { helpersOf } from "./zod-code.ts";

export interface OpenApiSource {
  /** A path, or what errors call the text. */
  readonly file: string;
  /** The description itself; without it the file is read. */
  readonly text?: string;
}

export interface GeneratedTool {
  readonly name: string;
  readonly title: string;
  readonly access: ToolAccess;
  /** `GET /pets/{id}` */
  readonly operation: string;
  /** Arguments for a first call: only those that have to be given. */
  readonly input: Readonly<Record<string, unknown>>;
}

export interface GeneratedTools {
  /** Path within the server's folder → content. None of it holds a token of the templates: write it as it is. */
  readonly files: ReadonlyMap<string, string>;
  readonly tools: readonly GeneratedTool[];
  /** The title that the API gives itself, in one line. */
  readonly title: string | undefined;
  /** `servers[0].url`, where it is an address as it stands. */
  readonly baseUrl: string | undefined;
  readonly auth: Auth;
  /** The path of a GET among the tools that needs no arguments, to check the service with. */
  readonly checkPath: string | undefined;
  /** What the author should know: parts that were left out, what is not supported. One sentence each. */
  readonly notes: readonly string[];
}

/**
 * Tools, their tests and what they share, made of the named operations of an OpenAPI description. Everything in the
 * description is data: its texts are cut, freed of what cannot be seen, and written as literals.
 * @throws OpenApiError in words for the person who named the file and the operations
 */
export async function generateTools(source: OpenApiSource, operations: readonly string[]): Promise<GeneratedTools> {
  const { file, text } = source;
  const document = text === undefined ? await readDocument(file) : await parseDocument(text, file);
  try {
    return toolsOf(document, operations);
  } catch (error) {
    if (error instanceof RangeError)
      throw new OpenApiError(`${file} is nested too deeply. Simplify the description.`, { cause: error });
    throw error;
  }
}

function toolsOf(document: JsonObject, wanted: readonly string[]): GeneratedTools {
  const headers = credentialHeaders(document);
  const read = chooseOperations(document, wanted).map(({ operation, tool }) => {
    const { list: all, notes } = argumentsOf(document, operation, headers);
    return { plan: { operation, tool, list: all, statuses: statusesOf(document, operation) }, notes };
  });
  const plans: ToolPlan[] = read.map(({ plan }) => plan);
  const chosen = plans.map(({ operation }) => operation);
  const auth = authOf(document, chosen);
  const { baseUrl, note } = baseUrlOf(document);
  const notes = [
    ...(note === undefined ? [] : [note]),
    ...(auth.kind === "unsupported" ? [`The service's credential is not sent: ${auth.note}. See src/main.ts.`] : []),
    ...read.flatMap((each) => each.notes),
  ];
  const title = heading(textMember(objectMember(document, "info"), "title") ?? "", 60);
  return {
    files: new Map([...plans.flatMap(filesOf), ["src/tools/index.ts", indexFile(plans)], ...sharedOf(plans)]),
    tools: plans.map((plan) => ({
      name: plan.tool,
      title: titleOf(plan),
      access: accessOf(plan.operation.method),
      operation: urlOf(plan.operation),
      input: inputOf(plan, ({ isRequired }) => isRequired),
    })),
    title: title === "" ? undefined : title,
    baseUrl,
    auth,
    checkPath: checkPathOf(plans),
    notes,
  };
}

function filesOf(plan: ToolPlan): [string, string][] {
  const name = kebabCase(plan.tool);
  return [
    [`src/tools/${name}.ts`, toolFile(plan)],
    [`test/tools/${name}.test.ts`, testFile(plan)],
  ];
}

function indexFile(plans: readonly ToolPlan[]): string {
  const imports = plans
    .map(({ tool }) => `import { ${constantName(tool)} } from "./${kebabCase(tool)}.ts";`)
    .toSorted((one, other) => (one < other ? -1 : 1));
  const names = print(list(plans.map(({ tool }) => raw(constantName(tool)))), 0, 21);
  return `${imports.join("\n")}\n\nexport const tools = ${names};\n`;
}

function sharedOf(plans: readonly ToolPlan[]): [string, string][] {
  const helpers = helpersOf(plans.flatMap(({ list: all }) => all.map(({ shape }) => shape)));
  const isDocumented = plans.some(({ statuses }) => statuses.some(({ meaning }) => meaning !== undefined));
  const isUsed: Readonly<Record<keyof typeof sharedFiles, boolean>> = {
    "src/answer-text.ts": true,
    "test/answer-text.test.ts": true,
    "src/any-json.ts": ["anyList", "anyObject", "anyValue"].some((name) => helpers.has(name)),
    "src/documented.ts": isDocumented,
    "test/documented.test.ts": isDocumented,
    "src/renamed.ts": helpers.has("renamed"),
  };
  return Object.entries(sharedFiles).filter(([path]) => isUsed[path as keyof typeof sharedFiles]);
}

function checkPathOf(plans: readonly ToolPlan[]): string | undefined {
  const isFree = ({ isRequired, shape, place }: Argument) =>
    place.in !== "path" && (!isRequired || shape.fallback !== undefined);
  const free = plans.find(({ operation, list: all }) => operation.method === "GET" && all.every(isFree));
  // A path without parameters is the same in a request.
  return free && String(requestOf(free.operation, free.list, new Map())["path"]);
}
