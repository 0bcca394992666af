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

const name = String.raw`(?:"(?:[^"]|"")+"|[a-zA-Z_][\w$]*)`;
const comparison = new RegExp(
  String.raw`(?<call>${name})?\(*(?:(?<alias>${name})\.)?(?<column>${name})\)*(?:::[a-z][a-z ]*(?:\([\d,]+\))?)?\)* (?<operator>= ANY|=|<=|>=|<|>|~~\*?|~\*?|IS NULL|IS NOT NULL|@>|&&|\?)(?=[ )]|$)`,
  "g",
);
const words = /^(AND|OR|NOT|ANY|ALL|IS|NULL|CASE|WHEN|THEN|ELSE|END)$/;

/**
 * Reads a condition that PostgreSQL printed in a plan, for words of advice: never for deciding what may run. `alias` is the
 * relation's name in it; columns of others are passed over.
 */
export function compared(condition: string, alias: string | undefined): Compared {
  // Text in quotes may look like anything.
  const bare = condition.replace(/E?'(?:[^'\\]|''|\\.)*'/g, "''");
  const found = {
    equal: new Set<string>(),
    range: new Set<string>(),
    pattern: new Set<string>(),
    expressions: new Set<string>(),
  };
  for (const { groups } of bare.matchAll(comparison)) {
    const { call, alias: of, column = "", operator = "" } = groups ?? {};
    if (words.test(column) || (of !== undefined && alias !== undefined && unquoted(of) !== alias)) continue;
    if (call !== undefined && !words.test(call)) found.expressions.add(`${call}(${column})`);
    else if (/^(=|= ANY|IS NULL)$/.test(operator)) found.equal.add(column);
    else if (/^[<>]=?$/.test(operator)) found.range.add(column);
    else if (operator.startsWith("~")) found.pattern.add(column);
  }
  return {
    equal: [...found.equal],
    range: [...found.range].filter((column) => !found.equal.has(column)),
    pattern: [...found.pattern],
    expressions: [...found.expressions],
    alternatives: / OR /.test(bare),
  };
}

function unquoted(identifier: string): string {
  return identifier.startsWith('"') ? identifier.slice(1, -1).replaceAll('""', '"') : identifier;
}
