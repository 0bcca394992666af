import { isMembers, isSame, listOf, type Members, membersOf, shown } from "./json.ts";
import { type Change, change, type RuleName } from "./rules.ts";

/** Whether callers write what a schema describes, or read it: what is narrower breaks the ones, what is wider the others. */
export type Direction = "input" | "output";

type Finding =
  | "removed"
  | "added"
  | "addedRequired"
  | "nowRequired"
  | "nowOptional"
  | "typeChanged"
  | "typeNarrower"
  | "typeWider"
  | "valueRemoved"
  | "valueAdded"
  | "limitNarrower"
  | "limitWider"
  | "limitChanged"
  | "default"
  | "text";

const ruleOf: Readonly<Record<Direction, Readonly<Record<Finding, RuleName>>>> = {
  input: {
    removed: "argumentRemoved",
    added: "argumentAdded",
    addedRequired: "argumentRequired",
    nowRequired: "argumentRequired",
    nowOptional: "argumentOptional",
    typeChanged: "argumentType",
    typeNarrower: "argumentType",
    typeWider: "argumentTakesMore",
    valueRemoved: "valueRemoved",
    valueAdded: "valueAdded",
    limitNarrower: "limitNarrowed",
    limitWider: "limitWidened",
    limitChanged: "limitNarrowed",
    default: "defaultChanged",
    text: "argumentText",
  },
  output: {
    removed: "fieldRemoved",
    added: "fieldAdded",
    addedRequired: "fieldAdded",
    nowRequired: "fieldExacter",
    nowOptional: "fieldOptional",
    typeChanged: "fieldType",
    typeNarrower: "fieldExacter",
    typeWider: "fieldType",
    valueRemoved: "fieldExacter",
    valueAdded: "fieldExacter",
    limitNarrower: "fieldExacter",
    limitWider: "fieldExacter",
    limitChanged: "fieldExacter",
    default: "fieldExacter",
    text: "fieldText",
  },
};

const TEXTS = ["description", "title", "examples", "$comment", "$schema", "deprecated", "readOnly", "writeOnly"];
const LOWER = ["minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties"];
const UPPER = ["maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties"];
/** Handled one by one; every other keyword is a limit. */
const STRUCTURE = ["type", "enum", "const", "default", "properties", "required", "items", "anyOf", "oneOf"];

/**
 * The differences between two JSON Schemas. What cannot be weighed (another pattern, an unknown keyword) counts as
 * breaking for callers.
 * @param tool what the places begin with
 * @param renamed old name of an argument at the root → new one
 */
export function compareSchemas(
  before: Members,
  after: Members,
  tool: string,
  direction: Direction,
  renamed: Readonly<Record<string, string>> = {},
): Change[] {
  const noun = direction === "input" ? "argument" : "result";
  const found = (finding: Finding, path: string, what: string): Change =>
    change(ruleOf[direction][finding], path === "" ? tool : `${tool}, ${noun} "${path}"`, what);
  return compare(before, after, "");

  function compare(a: Members, b: Members, path: string): Change[] {
    if (isUnion(a) || isUnion(b)) return [...texts(a, b, path), ...standard(a, b, path), ...unions(a, b, path)];
    const types = compareTypes(typesOf(a), typesOf(b));
    if (types !== undefined)
      return [found(types, path, `the type ${shown(a["type"] ?? "any")} is now ${shown(b["type"] ?? "any")}`)];
    return [
      ...texts(a, b, path),
      ...standard(a, b, path),
      ...values(a, b, path),
      ...limits(a, b, path),
      ...properties(a, b, path),
      ...items(a["items"], b["items"], `${path}[]`),
    ];
  }

  function texts(a: Members, b: Members, path: string): Change[] {
    return TEXTS.filter((key) => !isSame(a[key], b[key])).map((key) => found("text", path, `its ${key} changed`));
  }

  function standard(a: Members, b: Members, path: string): Change[] {
    if (isSame(a["default"], b["default"])) return [];
    const said = (value: unknown) => (value === undefined ? "none" : shown(value));
    return [found("default", path, `the default ${said(a["default"])} is now ${said(b["default"])}`)];
  }

  function values(a: Members, b: Members, path: string): Change[] {
    const [old, now] = [valuesOf(a), valuesOf(b)];
    if (!old && !now) return [];
    if (!old) return [found("valueRemoved", path, `only takes ${shown(now)} now`)];
    if (!now) return [found("valueAdded", path, "takes any value now")];
    const missing = (from: readonly unknown[], among: readonly unknown[]) =>
      from.filter((value) => !among.some((each) => isSame(each, value)));
    return [
      ...missing(old, now).map((value) => found("valueRemoved", path, `the value ${shown(value)} is gone`)),
      ...missing(now, old).map((value) => found("valueAdded", path, `the value ${shown(value)} is new`)),
    ];
  }

  function limits(a: Members, b: Members, path: string): Change[] {
    const keys = [...new Set([...Object.keys(a), ...Object.keys(b)])].sort();
    return keys
      .filter((key) => !TEXTS.includes(key) && !STRUCTURE.includes(key) && !isSame(limitOf(a, key), limitOf(b, key)))
      .flatMap((key) => {
        if (key === "additionalProperties" && isMembers(a[key]) && isMembers(b[key]))
          return compare(a[key], b[key], `${path}.*`);
        const [was, is] = [limitOf(a, key), limitOf(b, key)];
        return [found(limitFinding(key, was, is), path, `${key} ${said(was)} is now ${said(is)}`)];
      });

    function said(value: unknown): string {
      return value === undefined ? "(none)" : shown(value);
    }
  }

  function properties(a: Members, b: Members, path: string): Change[] {
    const [old, now] = [membersOf(a, "properties"), membersOf(b, "properties")];
    const [oldRequired, nowRequired] = [listOf(a["required"]), listOf(b["required"])];
    const at = (name: string) => (path === "" ? name : `${path}.${name}`);
    const successors = new Map(Object.keys(old).map((name) => [name, successor(name)]));
    return [
      ...[...successors].flatMap(([name, current]) => {
        const [was, is] = [schemaOf(old[name]), current === undefined ? undefined : schemaOf(now[current])];
        if (current === undefined || !is) return [found("removed", at(name), "is gone")];
        return [
          ...(current === name ? [] : [renamedTo(at(name), current)]),
          ...compare(was, is, at(current)),
          ...required(name, current, at(current)),
        ];
      }),
      ...Object.keys(now)
        .filter((name) => ![...successors.values()].includes(name))
        .map((name) =>
          nowRequired.includes(name)
            ? found("addedRequired", at(name), direction === "input" ? "is new and required" : "is new")
            : found("added", at(name), "is new"),
        ),
    ];

    function successor(name: string): string | undefined {
      if (Object.hasOwn(now, name)) return name;
      const current = path === "" && Object.hasOwn(renamed, name) ? renamed[name] : undefined;
      return current !== undefined && Object.hasOwn(now, current) ? current : undefined;
    }

    function required(name: string, current: string, place: string): Change[] {
      const [was, is] = [oldRequired.includes(name), nowRequired.includes(current)];
      if (was === is) return [];
      return is
        ? [found("nowRequired", place, direction === "input" ? "is now required" : "is now always there")]
        : [found("nowOptional", place, direction === "input" ? "is now optional" : "may now be missing")];
    }

    function renamedTo(place: string, current: string): Change {
      return change("argumentRenamed", `${tool}, ${noun} "${place}"`, `is now called "${current}", with an alias`);
    }
  }

  function items(a: unknown, b: unknown, path: string): Change[] {
    if (isSame(a, b)) return [];
    if (isMembers(a) && isMembers(b)) return compare(a, b, path);
    return [found(limitFinding("items", a, b), path, "what the list holds changed")];
  }

  function unions(a: Members, b: Members, path: string): Change[] {
    const [old, now] = [branchesOf(a), branchesOf(b)];
    const onlyOld = old.filter((branch) => !now.some((each) => isSame(withoutTexts(each), withoutTexts(branch))));
    const onlyNow = now.filter((branch) => !old.some((each) => isSame(withoutTexts(each), withoutTexts(branch))));
    const paired = Math.min(onlyOld.length, onlyNow.length);
    return [
      ...onlyOld.slice(0, paired).flatMap((branch, index) => compare(branch, onlyNow[index] ?? {}, path)),
      ...onlyOld.slice(paired).map((branch) => found("typeNarrower", path, `the form ${shown(branch)} is gone`)),
      ...onlyNow.slice(paired).map((branch) => found("typeWider", path, `the form ${shown(branch)} is new`)),
    ];
  }
}

// Further keys are allowed unless something else is said.
function limitOf(schema: Members, key: string): unknown {
  return key === "additionalProperties" && schema[key] === true ? undefined : schema[key];
}

function limitFinding(key: string, before: unknown, after: unknown): Finding {
  if (typeof before === "number" && typeof after === "number") {
    if (LOWER.includes(key)) return after > before ? "limitNarrower" : "limitWider";
    if (UPPER.includes(key)) return after < before ? "limitNarrower" : "limitWider";
  }
  if (before === undefined) return "limitNarrower";
  return after === undefined ? "limitWider" : "limitChanged";
}

/** The types that a schema admits; `undefined` for any. */
function typesOf(schema: Members): readonly string[] | undefined {
  const { type } = schema;
  if (typeof type === "string") return [type];
  if (Array.isArray(type)) return type.map(String);
  const values = valuesOf(schema);
  return values && [...new Set(values.map((value) => (value === null ? "null" : typeof value)))];
}

function compareTypes(
  before: readonly string[] | undefined,
  after: readonly string[] | undefined,
): Finding | undefined {
  const covers = (all: readonly string[] | undefined, some: readonly string[] | undefined) =>
    all === undefined ||
    (some?.every((type) => all.includes(type) || (type === "integer" && all.includes("number"))) ?? false);
  const [wider, narrower] = [covers(after, before), covers(before, after)];
  if (wider && narrower) return undefined;
  return wider ? "typeWider" : narrower ? "typeNarrower" : "typeChanged";
}

function valuesOf(schema: Members): readonly unknown[] | undefined {
  if (Object.hasOwn(schema, "const")) return [schema["const"]];
  return Array.isArray(schema["enum"]) ? listOf(schema["enum"]) : undefined;
}

function isUnion(schema: Members): boolean {
  return Array.isArray(schema["anyOf"]) || Array.isArray(schema["oneOf"]);
}

/** The forms that a schema allows, each whole: what stands beside `anyOf` holds for all of them. */
function branchesOf(schema: Members): readonly Members[] {
  const { anyOf, oneOf, ...rest } = schema;
  const shared = Object.fromEntries(Object.entries(rest).filter(([key]) => key !== "default" && !TEXTS.includes(key)));
  const branches = [...listOf(anyOf), ...listOf(oneOf)];
  return branches.length === 0 ? [shared] : branches.map((branch) => ({ ...shared, ...schemaOf(branch) }));
}

function withoutTexts(value: Members): unknown {
  return JSON.parse(
    JSON.stringify(value, (_key, inner: unknown) =>
      // A property may be called like a text; then its value is a schema.
      isMembers(inner)
        ? Object.fromEntries(Object.entries(inner).filter(([key, each]) => !TEXTS.includes(key) || isMembers(each)))
        : inner,
    ),
  ) as unknown;
}

function schemaOf(value: unknown): Members {
  // `false` admits nothing, `true` anything.
  return isMembers(value) ? value : value === false ? { not: {} } : {};
}
