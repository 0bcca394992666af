import type { Tree } from "../guard/walk.ts";
import { literal, quoted } from "../identifier.ts";
import { child, isTree, listOf } from "../parse-tree.ts";

/** Parts of a dotted name, or of an operator's; `undefined` where one is no plain word (`t.*`). */
export function nameParts(value: unknown): readonly string[] | undefined {
  const parts = listOf(value).map((part) => child(part, "String")?.["sval"]);
  return parts.every((part) => typeof part === "string") ? parts : undefined;
}

/** A reference to a column as EXPLAIN VERBOSE writes it; `column` is `undefined` for a whole row. */
export interface Reference {
  /** `undefined` where the plan has one relation only. */
  readonly alias: string | undefined;
  readonly column: string | undefined;
}

export function reference(tree: unknown): Reference | undefined {
  const fields = listOf(child(tree, "ColumnRef")?.["fields"]);
  if (fields.length === 0 || fields.length > 2) return undefined;
  const [first, second] = fields.map((field) => child(field, "String")?.["sval"] as string | undefined);
  return fields.length === 1 ? { alias: undefined, column: first } : { alias: first, column: second };
}

/** Every column that stands anywhere in it. */
export function references(tree: unknown): Reference[] {
  const found: Reference[] = [];
  const stack: unknown[] = [tree];
  while (stack.length > 0) {
    const value = stack.pop();
    const here = reference(value);
    if (here) found.push(here);
    else if (Array.isArray(value)) stack.push(...value);
    else if (isTree(value)) stack.push(...Object.values(value));
  }
  return found;
}

/** Without the casts around it. */
export function uncast(tree: unknown): unknown {
  const cast = child(tree, "TypeCast");
  return cast ? uncast(cast["arg"]) : tree;
}

/** The text of a constant, casts around it or not; `null` is NULL, `undefined` no constant. */
export function constantText(tree: unknown): string | null | undefined {
  const constant = child(uncast(tree), "A_Const");
  if (!constant) return undefined;
  if (constant["isnull"] === true) return null;
  // A member that is missing is the empty one: zero, false, the empty text.
  const [[kind, value] = ["", undefined]] = Object.entries(constant).filter(([, held]) => isTree(held));
  const held = (value as Tree | undefined)?.[kind];
  if (kind === "sval") return typeof held === "string" ? held : "";
  if (kind === "ival") return typeof held === "number" ? `${held}` : "0";
  if (kind === "fval") return typeof held === "string" ? held : undefined;
  if (kind === "boolval") return `${held === true}`;
  return undefined;
}

/**
 * SQL of an expression as an index takes it: its columns without the alias. Written from the tree, so that what comes out means
 * what the parser read; `undefined` for kinds of nodes that indexes have no use for.
 */
export function expressionSql(tree: unknown): string | undefined {
  if (!isTree(tree)) return undefined;
  const [[kind, body] = ["", undefined]] = Object.entries(tree);
  if (!isTree(body)) return undefined;
  switch (kind) {
    case "ColumnRef": {
      const column = reference(tree)?.column;
      return column === undefined ? undefined : quoted(column);
    }
    case "A_Const": {
      const text = constantText(tree);
      if (text === null) return "NULL";
      return text === undefined ? undefined : isTree(body["sval"]) ? literal(text) : text;
    }
    case "TypeCast": {
      const inner = expressionSql(body["arg"]);
      const type = typeSql(body["typeName"]);
      return inner === undefined || type === undefined ? undefined : `(${inner})::${type}`;
    }
    case "FuncCall": {
      const name = nameParts(body["funcname"]);
      const plain = ![
        "agg_order",
        "agg_filter",
        "agg_within_group",
        "agg_star",
        "agg_distinct",
        "func_variadic",
        "over",
      ].some((modifier) => modifier in body);
      const args = listOf(body["args"]).map(expressionSql);
      if (!name || !plain || args.includes(undefined)) return undefined;
      return `${name.map(quoted).join(".")}(${args.join(", ")})`;
    }
    case "A_Expr": {
      const name = nameParts(body["name"]);
      const operator = name?.at(-1);
      const [left, right] = [body["lexpr"], body["rexpr"]].map(expressionSql);
      if (body["kind"] !== "AEXPR_OP" || operator === undefined || left === undefined || right === undefined)
        return undefined;
      const written =
        name?.length === 1 ? operator : `OPERATOR(${name?.slice(0, -1).map(quoted).join(".")}.${operator})`;
      return `(${left} ${written} ${right})`;
    }
    case "CoalesceExpr": {
      const args = listOf(body["args"]).map(expressionSql);
      return args.includes(undefined) ? undefined : `COALESCE(${args.join(", ")})`;
    }
    default:
      return undefined;
  }
}

function typeSql(type: unknown): string | undefined {
  if (!isTree(type) || type["setof"] === true) return undefined;
  const names = nameParts(type["names"]);
  const modifiers = listOf(type["typmods"]).map(expressionSql);
  // The modifier of an interval is a mask of fields, not what is written.
  if (!names || modifiers.includes(undefined) || (names.at(-1) === "interval" && modifiers.length > 0))
    return undefined;
  const suffix = modifiers.length > 0 ? `(${modifiers.join(", ")})` : "";
  return `${names.map(quoted).join(".")}${suffix}${"[]".repeat(listOf(type["arrayBounds"]).length)}`;
}
