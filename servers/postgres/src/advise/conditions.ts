import type { Tree } from "../guard/walk.ts";
import { constantText, expressionSql, nameParts, type Reference, reference, references, uncast } from "./expression.ts";
import { child, isTree, listOf } from "../parse-tree.ts";

/** What an index can be asked for by. */
export type Test =
  /** `=`, `= ANY`, a boolean column alone. */
  | "equal"
  /** `<`, `<=`, `>`, `>=` */
  | "range"
  /** `IS NULL`, `IS NOT NULL` */
  | "null"
  | "not null"
  /** `LIKE 'x%'` */
  | "prefix"
  /** `LIKE '%x%'`, `ILIKE`, `~`, `~*` */
  | "substring"
  /** `@>`, `<@`, `&&`, `?`, `?|`, `?&`, `@?`, `@@` */
  | "contains";

/** One thing that a plan tests of one relation. */
export interface Condition {
  /** `undefined` where the plan has one relation only. */
  readonly alias: string | undefined;
  /** What stands on the indexable side. */
  readonly subject: unknown;
  /** Columns in it. */
  readonly columns: readonly string[];
  readonly test: Test;
  readonly operator: string;
  /** What it is compared with, where that is a constant. */
  readonly constant: string | undefined;
  /** Constants that `= ANY` has; 1 otherwise. */
  readonly values: number;
  /** Other relations whose columns it is compared with: a join. */
  readonly joins: boolean;
  /** The condition as SQL without aliases: what a partial index takes. */
  readonly sql: string | undefined;
  /** It stands beside others under OR: an index serves it only together with one for each of them. */
  readonly alternative: boolean;
}

const ranges = new Set(["<", "<=", ">", ">="]);
const mirrored: Readonly<Record<string, string>> = {
  "<": ">",
  "<=": ">=",
  ">": "<",
  ">=": "<=",
  "=": "=",
  "@>": "<@",
  "<@": "@>",
  "&&": "&&",
};
const containing = new Set(["@>", "<@", "&&", "?", "?|", "?&", "@?", "@@"]);
const patterns = new Set(["~~", "~~*", "~", "~*"]);

/** The indexable conditions of one deparsed expression. Pure. */
export function conditionsOf(tree: unknown): Condition[] {
  return flatten(tree, "AND_EXPR").flatMap((each) => {
    const arms = flatten(each, "OR_EXPR");
    return arms.length === 1
      ? single(each, false)
      : arms.flatMap((arm) => flatten(arm, "AND_EXPR").flatMap((part) => single(part, true)));
  });
}

function flatten(tree: unknown, operator: "AND_EXPR" | "OR_EXPR"): readonly unknown[] {
  const bool = child(tree, "BoolExpr");
  return bool?.["boolop"] === operator ? listOf(bool["args"]).flatMap((each) => flatten(each, operator)) : [tree];
}

function single(tree: unknown, alternative: boolean): Condition[] {
  const nullTest = child(tree, "NullTest");
  if (nullTest) {
    const isNull = nullTest["nulltesttype"] === "IS_NULL";
    const side = sideOf(nullTest["arg"]);
    const inner = expressionSql(nullTest["arg"]);
    return side && inner !== undefined
      ? [condition(side, isNull ? "null" : "not null", "IS", `${inner} IS ${isNull ? "" : "NOT "}NULL`, alternative)]
      : [];
  }
  const bare = reference(tree);
  if (bare) return boolean(tree, true, alternative);
  const negated = child(tree, "BoolExpr");
  if (negated?.["boolop"] === "NOT_EXPR") {
    const [inner] = listOf(negated["args"]);
    return reference(inner) ? boolean(inner, false, alternative) : [];
  }
  const comparison = child(tree, "A_Expr");
  return comparison ? compared(comparison, alternative) : [];
}

function boolean(tree: unknown, value: boolean, alternative: boolean): Condition[] {
  const side = sideOf(tree);
  const sql = expressionSql(tree);
  if (!side || sql === undefined) return [];
  return [{ ...condition(side, "equal", "=", value ? sql : `NOT ${sql}`, alternative), constant: value ? "t" : "f" }];
}

function compared(expression: Tree, alternative: boolean): Condition[] {
  const operator = nameParts(expression["name"])?.at(-1);
  const { lexpr: left, rexpr: right, kind } = expression;
  if (operator === undefined || left === undefined || right === undefined) return [];
  if (kind === "AEXPR_OP_ANY") {
    if (operator !== "=") return [];
    const many = arrayLength(right);
    return oneSided(left, right, "=", alternative, { ...expression }, many);
  }
  if (kind !== "AEXPR_OP") return [];
  const found = oneSided(left, right, operator, alternative, expression, 1);
  const turned = mirrored[operator];
  return turned === undefined ? found : [...found, ...oneSided(right, left, turned, alternative, expression, 1)];
}

function oneSided(
  subject: unknown,
  other: unknown,
  operator: string,
  alternative: boolean,
  whole: Tree,
  values: number,
): Condition[] {
  const side = sideOf(subject);
  if (!side) return [];
  const others = references(other);
  if (others.some(({ alias }) => alias === side.alias)) return [];
  const text = constantText(other);
  const test = testOf(operator, text);
  if (!test || text === null) return [];
  const constant = text !== undefined && values === 1 ? text : undefined;
  // A partial index takes constants only: neither parameters nor other relations.
  const sql = constant === undefined || whole["kind"] !== "AEXPR_OP" ? undefined : expressionSql({ A_Expr: whole });
  return [{ ...condition(side, test, operator, sql, alternative), constant, values, joins: others.length > 0 }];
}

function testOf(operator: string, text: string | null | undefined): Test | undefined {
  if (operator === "=") return "equal";
  if (ranges.has(operator)) return "range";
  if (containing.has(operator)) return "contains";
  if (operator === "~~" && typeof text === "string" && /^[^%_\\]{2,}[^_\\]*$/.test(text)) return "prefix";
  if (patterns.has(operator)) return "substring";
  return undefined;
}

function condition(
  { alias, subject, columns }: Side,
  test: Test,
  operator: string,
  sql: string | undefined,
  alternative: boolean,
): Condition {
  return { alias, subject, columns, test, operator, constant: undefined, values: 1, joins: false, sql, alternative };
}

interface Side {
  readonly alias: string | undefined;
  readonly subject: unknown;
  readonly columns: readonly string[];
}

/** One relation's columns, at least one, no whole row. */
function sideOf(subject: unknown): Side | undefined {
  const found = references(subject);
  const [first] = found;
  if (!first || found.some(({ alias, column }) => alias !== first.alias || column === undefined)) return undefined;
  return { alias: first.alias, subject, columns: [...new Set(found.map(({ column }) => column as string))] };
}

/** Elements of `'{a,b}'::text[]` or `ARRAY[…]`; a guess where it is neither. */
function arrayLength(tree: unknown): number {
  const elements = child(uncast(tree), "A_ArrayExpr")?.["elements"];
  if (Array.isArray(elements)) return Math.max(elements.length, 1);
  const text = constantText(tree);
  return typeof text === "string" ? text.split(",").length : 10;
}

/** One key of ORDER BY or GROUP BY. */
export interface SortKey {
  readonly references: readonly Reference[];
  readonly subject: unknown;
  readonly descending: boolean;
  readonly nullsFirst: boolean;
  /** `<->` and its kin, where it orders by distance. */
  readonly distance: string | undefined;
}

/** Of a tree of `SELECT 1 ORDER BY …`. */
export function sortKeyOf(tree: Tree): SortKey | undefined {
  const sort = child(listOf(child(tree, "SelectStmt")?.["sortClause"])[0], "SortBy");
  if (!sort || sort["useOp"] !== undefined || !isTree(sort["node"])) return undefined;
  const descending = sort["sortby_dir"] === "SORTBY_DESC";
  const nulls = sort["sortby_nulls"];
  const operator = nameParts(child(sort["node"], "A_Expr")?.["name"])?.at(-1);
  return {
    references: references(sort["node"]),
    subject: sort["node"],
    descending,
    nullsFirst: nulls === "SORTBY_NULLS_FIRST" || (descending && nulls !== "SORTBY_NULLS_LAST"),
    distance: operator !== undefined && /^<[-#=+~%]+>$/.test(operator) ? operator : undefined,
  };
}
