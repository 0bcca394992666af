/** `listPets`, `pets/list`, `X-Request-ID` → `list_pets`, `pets_list`, `x_request_id`; empty where no ASCII letter or digit is left. */
export function snakeCase(name: string): string {
  return name
    .slice(0, 500)
    .normalize("NFKD")
    .replace(/\p{M}/gu, "")
    .replace(/([a-z0-9])([A-Z])/g, "$1_$2")
    .replace(/([A-Z])([A-Z][a-z])/g, "$1_$2")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "_")
    .replace(/^_+|_+$/g, "");
}

/** A tool's name as a constant: `list_pets` → `listPets`; `Tool` is added where JavaScript or the file itself has the name. */
export function constantName(tool: string): string {
  const name = tool.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
  return isReserved(name) || IN_TOOL_FILES.has(name) ? `${name}Tool` : name;
}

export function kebabCase(tool: string): string {
  return tool.replaceAll("_", "-");
}

const LONGEST_ARGUMENT = 48;

/** Names for arguments: snake case, beginning with a letter, each once. Keeps the order. */
export function argumentNames(names: readonly string[], taken: ReadonlySet<string> = new Set()): string[] {
  // What every object has cannot be told from an argument that was left out.
  const used = new Set([...taken, "constructor"]);
  // What already has a good name keeps it, whatever stands before it.
  const kept = new Set(names.filter((name) => /^[a-z][a-z0-9_]{0,59}$/.test(name) && !used.has(name)));
  return names.map((name) => {
    const plain = snakeCase(name).slice(0, LONGEST_ARGUMENT).replace(/_+$/, "");
    const base = kept.has(name) ? name : /^[a-z]/.test(plain) ? plain : plain === "" ? "argument" : `argument_${plain}`;
    let free = base;
    for (let count = 2; used.has(free) || (free !== name && kept.has(free)); count++) free = `${base}_${count}`;
    used.add(free);
    return free;
  });
}

/** The name of an operation without one: `GET /pets/{id}/toys` → `list_pet_toys`. */
export function nameOfPath(method: string, path: string): string {
  const segments = path.split("/").filter((segment) => segment !== "" && !/^v\d+$/.test(segment));
  const words = segments.flatMap((segment, index) => {
    if (isParameter(segment)) return [];
    const word = snakeCase(segment);
    const next = segments[index + 1];
    const isOne = (next !== undefined && isParameter(next)) || (next === undefined && method === "POST");
    return [isOne ? singular(word) : word];
  });
  const last = segments.at(-1);
  const verb = method === "GET" && !(last !== undefined && isParameter(last)) ? "list" : (VERBS[method] ?? "call");
  return [verb, ...words].filter((word) => word !== "").join("_");
}

const VERBS: Readonly<Record<string, string>> = {
  GET: "get",
  HEAD: "check",
  POST: "create",
  PUT: "replace",
  PATCH: "update",
  DELETE: "delete",
};

function isParameter(segment: string): boolean {
  return segment.startsWith("{");
}

function singular(word: string): string {
  if (word.endsWith("ies")) return word.replace(/ies$/, "y");
  if (/(?:ss|x|ch|sh)es$/.test(word)) return word.replace(/es$/, "");
  return /(?:ss|us|is)$/.test(word) ? word : word.replace(/s$/, "");
}

/** Whether a name cannot be a variable of a module. */
export function isReserved(name: string): boolean {
  return RESERVED.has(name);
}

const RESERVED: ReadonlySet<string> = new Set(
  (
    "arguments await break case catch class const continue debugger default delete do else enum eval export extends false " +
    "finally for function if implements import in instanceof interface let new null package private protected public " +
    "return static super switch this throw true try typeof undefined var void while with yield"
  ).split(" "),
);

/** What a tool's file imports or has as parameters and globals. */
const IN_TOOL_FILES: ReadonlySet<string> = new Set([
  "anyList",
  "anyObject",
  "anyValue",
  "answerText",
  "api",
  "body",
  "documented",
  "encodeURIComponent",
  "input",
  "renamed",
  "signal",
  "tool",
  "tools",
  "z",
]);

/** Whether an argument can be a variable of its own in a tool's `run`. */
export function canStandAlone(argument: string): boolean {
  return !isReserved(argument) && !IN_TOOL_FILES.has(argument);
}
