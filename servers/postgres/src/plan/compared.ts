/** Columns of one relation that a condition compares. Names stand as PostgreSQL deparses them, quoted where needed. */
export interface Compared {
  /** `=`, `= ANY`, `IS NULL` */
  readonly equal: readonly string[];
  /** `<`, `>=`, … */
  readonly range: readonly string[];
  /** `LIKE` and its kin. */
  readonly pattern: readonly string[];
  /** Calls that are compared: `lower(name)`. */
  readonly expressions: readonly string[];
  /** An OR joins the comparisons: one index cannot serve them together. */
  readonly alternatives: boolean;
}

const NAME = /^["a-zA-Z_\u0080-\uffff]/;
const keyword = /^(AND|OR|NOT|ANY|ALL|IS|NULL|CASE|WHEN|THEN|ELSE|END|DISTINCT|FROM)$/;
/** Longer ones are lists of values. */
const LONGEST = 20_000;

/**
 * Reads a condition that PostgreSQL printed in a plan, for words of advice: never for deciding what may run. `alias` is the
 * relation's name in it; columns of others are passed over. Takes time linear in the length.
 */
export function compared(condition: string, alias: string | undefined): Compared {
  const tokens = tokensOf(condition.slice(0, LONGEST));
  const found = {
    equal: new Set<string>(),
    range: new Set<string>(),
    pattern: new Set<string>(),
    expressions: new Set<string>(),
  };
  for (const [i, token] of tokens.entries()) {
    const kind = kindOf(token, tokens[i + 1]);
    const left = kind && operandBefore(tokens, i);
    if (!kind || !left || (left.alias !== undefined && alias !== undefined && unquoted(left.alias) !== alias)) continue;
    if (left.call !== undefined) found.expressions.add(`${left.call}(${left.column})`);
    else found[kind].add(left.column);
  }
  return {
    equal: [...found.equal],
    range: [...found.range].filter((column) => !found.equal.has(column)),
    pattern: [...found.pattern],
    expressions: [...found.expressions],
    alternatives: tokens.includes("OR"),
  };
}

// Text in quotes, numbers and blanks say nothing here.
function tokensOf(condition: string): string[] {
  const token =
    /'(?:[^'\\]|''|\\.)*'|"(?:[^"]|"")*"|[a-zA-Z_\u0080-\uffff][\w$\u0080-\uffff]*|::|[().,]|[<>=~!@#%^&|?+*/-]+|\d[\d.]*/g;
  return condition.match(token) ?? [];
}

function kindOf(token: string, next: string | undefined): "equal" | "range" | "pattern" | undefined {
  if (token === "=" || (token === "IS" && next === "NULL")) return "equal";
  if (/^[<>]=?$/.test(token)) return "range";
  return /^~~?\*?$/.test(token) ? "pattern" : undefined;
}

interface Operand {
  readonly column: string;
  readonly alias: string | undefined;
  /** The function around it. */
  readonly call: string | undefined;
}

/** The column before an operator: `a`, `t.a`, `(t.a)::text`, `lower((t.a)::text)`. */
function operandBefore(tokens: readonly string[], operator: number): Operand | undefined {
  let i = back(tokens, operator - 1, ")");
  let type = i;
  while (isName(tokens[type])) type--;
  if (tokens[type] === "::") i = back(tokens, type - 1, ")");
  const column = tokens[i];
  if (!isName(column)) return undefined;
  const dotted = tokens[i - 1] === "." && isName(tokens[i - 2]);
  const first = dotted ? i - 2 : i;
  // Behind a calculation it is not the column that is compared.
  if (/^[%+*/^|&#-]/.test(tokens[first - 1] ?? "")) return undefined;
  const outer = back(tokens, first - 1, "(");
  const call = outer < first - 1 && isName(tokens[outer]) ? tokens[outer] : undefined;
  return { column, alias: dotted ? tokens[i - 2] : undefined, call };
}

function back(tokens: readonly string[], from: number, token: string): number {
  let i = from;
  while (tokens[i] === token) i--;
  return i;
}

function isName(token: string | undefined): token is string {
  return token !== undefined && NAME.test(token) && !keyword.test(token);
}

function unquoted(identifier: string): string {
  return identifier.startsWith('"') ? identifier.slice(1, -1).replaceAll('""', '"') : identifier;
}
