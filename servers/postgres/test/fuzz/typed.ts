import type { random } from "../random.ts";

type Source = ReturnType<typeof random>;

/** What can be named where an expression stands, by type. */
interface Scope {
  readonly numbers: readonly string[];
  readonly texts: readonly string[];
}

const relations: readonly {
  readonly name: string;
  readonly numbers: readonly string[];
  readonly texts: readonly string[];
}[] = [
  { name: "accounts", numbers: ["id", "balance"], texts: ["name"] },
  { name: "audit", numbers: ["n"], texts: [] },
  { name: "has_dom", numbers: ["id", "d"], texts: [] },
  { name: "pg_catalog.pg_type", numbers: ["typlen"], texts: ["typname", "typtype"] },
  { name: "pg_namespace", numbers: ["oid::bigint"], texts: ["nspname"] },
  { name: "(VALUES (1, 'a'), (2, 'b'))", numbers: ["column1"], texts: ["column2"] },
  { name: "mv", numbers: ["count"], texts: [] },
  { name: "information_schema.schemata", numbers: [], texts: ["schema_name"] },
];

/** Makes SELECTs whose types fit, so that most of them run; now and then with something from `evil` in them. */
export function typedSelects(
  { pick, chance, int }: Source,
  evil: {
    readonly numbers: readonly string[];
    readonly texts: readonly string[];
    readonly relations: readonly string[];
  },
) {
  let share = 0;
  let last = 0;

  const number = (scope: Scope, depth: number): string => {
    if (chance(share)) return `(${pick(evil.numbers)})`;
    const deeper = () => number(scope, depth + 1);
    if (depth > 3) return scope.numbers.length > 0 && chance(0.7) ? pick(scope.numbers) : String(int(50));
    return pick([
      () => (scope.numbers.length > 0 ? pick(scope.numbers) : String(int(50))),
      () => (scope.numbers.length > 0 ? pick(scope.numbers) : String(int(50))),
      () => pick(["1", "42", "0", "-7", "1.5", "NULL::int", "'7'::int", "0.001"]),
      () => `(${deeper()} ${pick(["+", "-", "*"])} ${deeper()})`,
      () => `${pick(["abs", "round", "sign", "floor", "ceil"])}(${deeper()})`,
      () => `length(${text(scope, depth + 1)})`,
      () => `coalesce(${deeper()}, ${deeper()})`,
      () => `greatest(${deeper()}, ${deeper()})`,
      () => `CASE WHEN ${condition(scope, depth + 1)} THEN ${deeper()} ELSE ${deeper()} END`,
      () => `(SELECT ${pick(["count(*)", "1", "3"])} FROM ${source(depth + 1).sql} LIMIT 1)`,
      () => `strpos(${text(scope, depth + 1)}, 'a')`,
      () => `(ARRAY[${deeper()}, ${deeper()}])[1]`,
      () => `jsonb_array_length(jsonb_build_array(${deeper()}))`,
      () => `nullif(${deeper()}, ${deeper()})`,
      () => `extract(year FROM date '2024-03-01')::int`,
    ])();
  };
  const text = (scope: Scope, depth: number): string => {
    if (chance(share)) return `(${pick(evil.texts)})::text`;
    const deeper = () => text(scope, depth + 1);
    if (depth > 3) return scope.texts.length > 0 && chance(0.7) ? `${pick(scope.texts)}::text` : "'x'";
    return pick([
      () => (scope.texts.length > 0 ? `${pick(scope.texts)}::text` : "'y'"),
      () => pick(["'a'", "''", "E'\\\\n'", "$$q$$", "U&'\\0041'", "'it''s'", "NULL::text"]),
      () => `${pick(["lower", "reverse", "md5", "btrim", "quote_ident"])}(${deeper()})`,
      () => `(${deeper()} || ${deeper()})`,
      () => `(${number(scope, depth + 1)})::text`,
      () => `left(${deeper()}, 3)`,
      () => `concat(${number(scope, depth + 1)}, ${deeper()})`,
      () => `to_jsonb(${number(scope, depth + 1)})::text`,
      () => `regexp_replace(${deeper()}, '[aeiou]', '.')`,
      () => `pg_typeof(${number(scope, depth + 1)})::text`,
      () => `CASE ${deeper()} WHEN ${deeper()} THEN ${deeper()} END`,
    ])();
  };
  const condition = (scope: Scope, depth: number): string => {
    const [a, b] = [number(scope, depth + 1), number(scope, depth + 1)];
    return pick([
      () => `${a} ${pick(["=", "<>", "<", ">", "<=", ">=", "IS DISTINCT FROM"])} ${b}`,
      () => `${text(scope, depth + 1)} ${pick(["=", "LIKE", "~", "<"])} ${pick(["'a%'", "'n1'", "'.'"])}`,
      () => `${a} IN (${b}, 3)`,
      () => `${a} BETWEEN ${b} AND 100`,
      () => `${a} IN (SELECT ${int(9)} FROM ${source(depth + 1).sql})`,
      () => `EXISTS (SELECT FROM ${source(depth + 1).sql})`,
      () => `(${a} IS NULL OR ${b} > 1)`,
      () => `NOT (${a} = ${b})`,
      () => `${a} = ANY (ARRAY[1, 2, 3])`,
    ])();
  };
  const source = (depth: number): Scope & { readonly sql: string } => {
    const one = (): Scope & { readonly sql: string } => {
      const alias = `t${(last += 1)}`;
      const of = (numbers: readonly string[], texts: readonly string[]) => ({
        numbers: numbers.map((name) => `${alias}.${name}`),
        texts: texts.map((name) => `${alias}.${name}`),
      });
      if (chance(share * 0.5)) return { sql: `${pick(evil.relations)} ${alias}`, numbers: [], texts: [] };
      if (depth < 2 && chance(0.15)) return { sql: `(${plain(depth + 1)}) ${alias}(a, b)`, ...of(["a"], ["b"]) };
      if (chance(0.1)) return { sql: `generate_series(1, ${1 + int(5)}) ${alias}(a)`, ...of(["a"], []) };
      if (chance(0.05)) return { sql: `unnest(ARRAY['a', 'b']) WITH ORDINALITY ${alias}(b, a)`, ...of(["a"], ["b"]) };
      const { name, numbers, texts } = pick(relations);
      const sample = chance(0.1) && /^\w+$/.test(name) ? " TABLESAMPLE bernoulli (50)" : "";
      return { sql: `${name} ${alias}${sample}`, ...of(numbers, texts) };
    };
    const first = one();
    if (!chance(0.3)) return first;
    const second = one();
    const both = { numbers: [...first.numbers, ...second.numbers], texts: [...first.texts, ...second.texts] };
    const join = pick(["JOIN", "LEFT JOIN", "FULL JOIN", "CROSS JOIN"]);
    const on = join === "CROSS JOIN" ? "" : join === "FULL JOIN" ? " ON true" : ` ON ${condition(both, 2)}`;
    return { sql: `${first.sql} ${join} ${second.sql}${on}`, ...both };
  };
  /** Two columns: a number and a text. */
  const plain = (depth: number): string => {
    const from = source(depth);
    const where = chance(0.4) ? ` WHERE ${condition(from, depth + 1)}` : "";
    if (chance(0.2))
      return `SELECT ${pick(["count(*)", "sum", "max", "min", "avg"]).replace(/^(sum|max|min|avg)$/, (name) => `${name}(${number(from, depth + 1)})`)} AS a, string_agg(DISTINCT ${text(from, depth + 1)}, ',') AS b FROM ${from.sql}${where}`;
    if (chance(0.15))
      return `SELECT ${number(from, depth + 1)} AS a, ${text(from, depth + 1)} AS b FROM ${from.sql}${where} GROUP BY 1, 2`;
    if (chance(0.1))
      return `SELECT rank() OVER (PARTITION BY ${text(from, depth + 1)} ORDER BY ${number(from, depth + 1)}) AS a, lag(${text(from, depth + 1)}) OVER () AS b FROM ${from.sql}${where}`;
    return `SELECT ${chance(0.1) ? "DISTINCT " : ""}${number(from, depth + 1)} AS a, ${text(from, depth + 1)} AS b FROM ${from.sql}${where}`;
  };
  /** `danger`: how likely each place is to hold something evil. */
  return (danger: number): string => {
    share = danger;
    last = 0;
    const tail = `${chance(0.3) ? " ORDER BY 1" : ""}${chance(0.4) ? ` LIMIT ${int(9)}` : ""}`;
    const body = chance(0.12)
      ? `${plain(0)} ${pick(["UNION", "UNION ALL", "EXCEPT", "INTERSECT"])} ${plain(0)}`
      : plain(0);
    if (chance(0.12)) return `WITH ${pick(["accounts", "x", "pg_authid"])} AS (${plain(1)}) ${body}${tail}`;
    if (chance(0.06)) return `EXPLAIN ${pick(["", "(ANALYZE) ", "(VERBOSE, COSTS off) "])}${body}${tail}`;
    return body + tail;
  };
}
