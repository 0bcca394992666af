import type { random } from "../random.ts";
import { typedSelects } from "./typed.ts";

type Source = ReturnType<typeof random>;

/** What a generated statement may name: of the attack fixture (`corpus/setup.sql`, `corpus/own-setup.sql`) and of PostgreSQL. */
const tables = {
  accounts: ["id", "name", "balance"],
  has_dom: ["id", "d"],
  audit: ["n"],
  pg_class: ["oid", "relname", "relkind"],
  pg_type: ["oid", "typname"],
} as const;
const dangerous = [
  "moods",
  "estimated",
  "v_evil",
  "v_touch",
  "ft_touch",
  "ft_evil",
  "ft_program",
  "has_evil_t",
  "by_evil_class",
  "parted",
  "planned",
  "guarded",
  "v_nested_2",
  "v_passwords",
  "v_lock",
  "v_attribute",
  "parent",
  "pg_authid",
  "pg_shadow",
  "pg_largeobject",
  "mv",
  "information_schema.tables_too",
  "pg_settings",
  "pg_db_role_setting",
  "s1",
  "notify_log",
];
const numbers = ["1", "2", "42", "0", "-1", "1.5", "2147483647", "NULL", "1e3", "0x1F", "'7'"];
const texts = [
  "'a'",
  "'n1'",
  "''",
  "E'\\\\x'",
  "$$q$$",
  "U&'\\0041'",
  "'/etc/passwd'",
  "'select touch_dblink()'",
  "'s1'",
  "'app.api_key'",
  "'{}'",
  "'5'",
  "NULL",
];
const harmless = [
  "abs(§n)",
  "lower(§t)",
  "length(§t)",
  "coalesce(§n, §n)",
  "greatest(§n, §n)",
  "now()",
  "round(§n)",
  "md5(§t)",
  "substr(§t, 1, 2)",
  "to_char(now(), §t)",
  "jsonb_build_object('a', §n)",
  "concat(§t, §n)",
  "date_trunc('day', now())",
  "pg_typeof(§n)",
  "array_length(ARRAY[§n], 1)",
  "nullif(§n, §n)",
  "random()",
  "repeat(§t, 3)",
  "left(§t, 1)",
  "count(*)",
  "sum(§n)",
  "string_agg(§t, ',')",
  "row_number() OVER (ORDER BY §n)",
  "to_json(§n)",
  "generate_series(1, 3)",
  "current_setting('work_mem')",
  "version()",
  "pg_backend_pid()",
  "json_agg(§n)",
  "power(2, §n)",
  "strpos(§t, §t)",
  "quote_literal(§t)",
  "to_regclass(§t)",
  "format('%s', §t)",
];
const harmful = [
  "touch_dblink()",
  "touch_rw()",
  "fake_stable()",
  "fake_immutable(1)",
  "evil_any(§n)",
  "evil_text(§t)",
  "evil_default()",
  "evil_named(b => 1, a => 2)",
  "evil_agg(§n)",
  "evil.now()",
  "helper()",
  "initcap(5)",
  "evil_member()",
  "upper(§t)",
  "evil_dom(§t)",
  "pg_advisory_lock(§n)",
  "pg_try_advisory_lock(7)",
  "nextval('s1')",
  "setval('s1', 9)",
  "set_config('work_mem', '1MB', false)",
  "lo_create(0)",
  "lo_unlink(4242)",
  "lo_put(4242, 0, 'x')",
  "pg_read_file(§t)",
  "pg_ls_dir('.')",
  "pg_terminate_backend(pg_backend_pid())",
  "pg_reload_conf()",
  "pg_notify('c', 'x')",
  "query_to_xml(§t, true, true, '')",
  "ts_stat(§t)",
  "dblink_exec('{{conn}}', 'insert into audit values (1)')",
  "pg_create_physical_replication_slot('pwn')",
  "pg_replication_origin_create('pwn')",
  "pg_stat_reset()",
  "pg_stat_reset_shared('bgwriter')",
  "pg_file_write('pwn_fuzz', 'x', false)",
  "pg_import_system_collations('evil'::regnamespace)",
  "domain_in('5', 'evil_dom'::regtype::oid, -1)",
  "array_in('{5}', 'evil_dom'::regtype::oid, -1)",
  "record_in('(5)', 'evil_comp'::regtype::oid, -1)",
  "jsonb_populate_record(NULL::evil_comp, '{\"d\":5}')",
  "crosstab(§t)",
  "pg_switch_wal()",
  "pg_logical_emit_message(true, 'a', 'b')",
  "gin_clean_pending_list('accounts_body'::regclass)",
  "pg_export_snapshot()",
  "txid_current()",
  "hypopg_create_index('create index on accounts (balance)')",
  "pg_stat_statements_reset()",
  "pg_rotate_logfile()",
  "heap_force_kill('accounts'::regclass, ARRAY['(0,1)']::tid[])",
  "cursor_to_xml('c', 1, true, true, '')",
  "lo_from_bytea(0, 'x')",
  "pg_prewarm('accounts')",
];
const attributes = [
  "pg_read_file",
  "pg_advisory_lock",
  "nextval",
  "evil_any",
  "evil_text",
  "evil_attr",
  "upper",
  "lower",
  "evil_dom",
  "touch_dblink",
  "length",
  "abs",
  "pg_typeof",
  "lo_unlink",
  "current_setting",
  "id",
  "name",
  "row_to_json",
  "evil_record",
];
const types = ["int", "text", "numeric", "date", "jsonb", "regclass", "bytea", "text[]", "interval", "boolean"];
const evilTypes = [
  "evil_dom",
  "evil_dom2",
  "evil_t",
  "evil_comp",
  "evil_range",
  "mood",
  "dom_builtin",
  "dom_operator",
  "evil_dom[]",
  "public.upper",
  "_evil_dom",
  "evil_multirange",
];
const operators = ["=", "<>", "<", ">", "+", "-", "*", "||", "LIKE", "~", "IS DISTINCT FROM"];
const evilOperators = ["===", "OPERATOR(evil.+)", "<<<", "====", "OPERATOR(public.===)", "OPERATOR(pg_catalog.=)"];
const utility = [
  "BEGIN",
  "COMMIT",
  "ROLLBACK",
  "SET work_mem = '1MB'",
  "RESET ALL",
  "DISCARD ALL",
  "LISTEN c",
  "NOTIFY c",
  "CHECKPOINT",
  "VACUUM accounts",
  "ANALYZE accounts",
  "REINDEX TABLE accounts",
  "CLUSTER",
  "TRUNCATE audit",
  "DROP TABLE accounts",
  "CREATE TABLE pwn (a int)",
  "CREATE TEMP TABLE pwn (a int)",
  "ALTER SYSTEM SET work_mem = '77MB'",
  "COPY accounts TO STDOUT",
  "COPY (SELECT 1) TO PROGRAM 'cat > pwn_fuzz'",
  "COPY accounts FROM STDIN",
  "DO $$ begin perform touch_dblink(); end $$",
  "CALL p_dblink()",
  "PREPARE p AS SELECT 1",
  "EXECUTE p",
  "DEALLOCATE ALL",
  "LOCK accounts",
  "LOAD 'x'",
  "COMMENT ON TABLE accounts IS 'x'",
  "GRANT ALL ON accounts TO app",
  "CREATE ROLE pwn",
  "DECLARE c CURSOR WITH HOLD FOR SELECT touch_dblink()",
  "SECURITY LABEL ON TABLE accounts IS 'x'",
  "REFRESH MATERIALIZED VIEW mv",
  "CREATE EXTENSION lo",
  "SHOW work_mem",
  "SHOW ALL",
  "SHOW app.api_key",
  "PREPARE TRANSACTION 'pwn'",
  "SAVEPOINT s",
  "IMPORT FOREIGN SCHEMA public FROM SERVER loop INTO evil",
  "CREATE FUNCTION pwn() RETURNS int LANGUAGE sql AS 'select 1'",
  "ALTER TABLE accounts ADD x int",
  "DROP OWNED BY app",
  "UNLISTEN *",
  "SET TRANSACTION READ WRITE",
  "SET SESSION AUTHORIZATION app",
];

/** Makes statements; `corpus` is what others have thought of, to be taken apart. */
export function grammar(source: Source, corpus: readonly string[]): () => string {
  const { pick, chance, int } = source;
  /** How much of what is dangerous goes into the statement at hand. */
  let evil = 0;

  const fill = (template: string, depth: number): string =>
    template.replace(/§([nt])/g, (_, kind: string) => (kind === "n" ? number(depth + 1) : text(depth + 1)));
  const call = (depth: number) => fill(chance(evil) ? pick(harmful) : pick(harmless), depth);
  const column = () => pick(["id", "a", "x.id", "a.id", "x", "a", "n", "balance", "name", "a.name", "oid", "relname"]);
  const type = () => (chance(evil) ? pick(evilTypes) : pick(types));
  const operator = () => (chance(evil) ? pick(evilOperators) : pick(operators));
  const number = (depth: number): string =>
    depth > 3 || chance(0.5) ? (chance(0.3) ? column() : pick(numbers)) : expression(depth);
  const text = (depth: number): string =>
    depth > 3 || chance(0.6) ? (chance(0.2) ? column() : pick(texts)) : expression(depth);
  const expression = (depth = 0): string => {
    if (depth > 3) return pick(numbers);
    return pick([
      () => call(depth),
      () => call(depth),
      () => column(),
      () => pick(numbers),
      () => pick(texts),
      () => `(${expression(depth + 1)} ${operator()} ${expression(depth + 1)})`,
      () => `(${expression(depth + 1)})::${type()}`,
      () => `CAST(${expression(depth + 1)} AS ${type()})`,
      () => `${type()} ${pick(texts)}`,
      () =>
        `CASE ${chance(0.4) ? expression(depth + 1) : ""} WHEN ${expression(depth + 1)} THEN ${expression(depth + 1)} END`,
      () => `(${select(depth + 1)})`,
      () => `EXISTS (${select(depth + 1)})`,
      () => `${expression(depth + 1)} IN (${expression(depth + 1)}, ${expression(depth + 1)})`,
      () => `${expression(depth + 1)} IN (${select(depth + 1)})`,
      () => `${expression(depth + 1)} BETWEEN ${expression(depth + 1)} AND ${expression(depth + 1)}`,
      () => `ARRAY[${expression(depth + 1)}]`,
      () => `(ARRAY[${expression(depth + 1)}])[${number(depth + 1)}]`,
      () => `ROW(${expression(depth + 1)}, ${expression(depth + 1)})`,
      () => (chance(evil) ? `(${expression(depth + 1)}).${pick(attributes)}` : expression(depth + 1)),
      () => (chance(evil) ? `${pick(["x", "a", "g"])}.${pick(attributes)}` : column()),
      () => `${expression(depth + 1)} IS NULL`,
      () => `NOT (${expression(depth + 1)})`,
      () => `COALESCE(${expression(depth + 1)}, ${expression(depth + 1)})`,
      () => (chance(evil) ? `json_populate_record(NULL::${type()}, ${pick(texts)})` : pick(numbers)),
    ])();
  };
  const relation = () => (chance(evil) ? pick(dangerous) : pick(Object.keys(tables)));
  const from = (depth: number): string =>
    pick([
      () => `${relation()} a`,
      () => `${relation()} a`,
      () => relation(),
      () => `${relation()} a ${pick(["JOIN", "LEFT JOIN", "FULL JOIN"])} ${relation()} x ON ${expression(depth + 1)}`,
      () => `${relation()} a CROSS JOIN ${relation()} x`,
      () => `${relation()} a JOIN ${relation()} x USING (id)`,
      () => `${relation()} a NATURAL JOIN ${relation()} x`,
      () => `(${select(depth + 1)}) x`,
      () => `${relation()} a, LATERAL (${select(depth + 1)}) x`,
      () => `generate_series(1, ${int(9)}) g`,
      () => `unnest(ARRAY[${expression(depth + 1)}]) a`,
      () => `ROWS FROM (${call(depth + 1)}, generate_series(1, 2)) AS x`,
      () => `${relation()} a TABLESAMPLE ${pick(["system", "bernoulli"])} (${number(depth + 1)})`,
      () => `(VALUES (1, 'a'), (2, 'b')) x(id, name)`,
      () => `json_to_record(${pick(texts)}) AS x(id ${type()})`,
      () => `xmltable('/a' PASSING xmlparse(document '<a>1</a>') COLUMNS id ${type()} PATH '.') x`,
    ])();
  const select = (depth = 0): string => {
    const list = Array.from({ length: 1 + int(2) }, () => (chance(0.15) ? pick(["*", "a.*"]) : expression(depth)));
    return [
      `SELECT ${chance(0.06) ? "DISTINCT " : ""}${list.join(", ")}`,
      (chance(0.8) || list.some((each) => each.includes("*"))) && `FROM ${from(depth)}`,
      chance(0.3) && `WHERE ${expression(depth + 1)}`,
      chance(0.1) && `GROUP BY ${expression(depth + 1)}`,
      chance(0.05) && `HAVING ${expression(depth + 1)}`,
      chance(0.2) && `ORDER BY ${chance(0.5) ? "1" : expression(depth + 1)}`,
      chance(0.2) && `LIMIT ${chance(0.8) ? "3" : expression(depth + 1)}`,
      chance(evil * 0.2) && pick(["FOR UPDATE", "FOR KEY SHARE"]),
    ]
      .filter(Boolean)
      .join(" ");
  };
  const change = () =>
    pick([
      () => `INSERT INTO ${relation()} ${select(2)}`,
      () => `UPDATE accounts SET balance = ${number(2)} RETURNING *`,
      () => `DELETE FROM ${relation()}`,
      () => `MERGE INTO accounts a USING audit x ON a.id = x.n WHEN MATCHED THEN DELETE`,
      () => `SELECT ${expression(2)} INTO pwn`,
      () => `CREATE TABLE pwn AS ${select(2)}`,
    ])();
  // A tokeniser would do no better: pieces of statements are to be put together in ways that nobody wrote.
  const pieces = corpus.flatMap((sql) => sql.match(/\w+|'[^']*'|"[^"]*"|[^\s\w]/g) ?? []);
  const spliced = () => {
    const words = pick(corpus).match(/\w+|'[^']*'|"[^"]*"|[^\s\w]/g) ?? [];
    const changed = words.flatMap((word) =>
      chance(0.12) ? pick([[], [word, word], [pick(pieces)], [word, pick(pieces)]]) : [word],
    );
    return changed.join(pick([" ", " ", "/**/", "\n"]));
  };
  const plainFill = (all: readonly string[]) => all.map((each) => each.replaceAll("§n", "1").replaceAll("§t", "'s1'"));
  const typed = typedSelects(source, {
    numbers: [
      ...plainFill(harmful),
      ...attributes.map((name) => `('s1'::text).${name}`),
      ...attributes.map((name) => `(42::bigint).${name}`),
      ...evilTypes.map((name) => `'5'::${name}`),
      ...evilOperators.map((name) => `1 ${name} 1`),
    ],
    texts: [
      ...plainFill(harmful),
      ...attributes.map((name) => `('/etc/passwd'::text).${name}`),
      "'/etc/passwd'::text::bytea",
      "@@> '/etc/passwd'",
    ],
    relations: dangerous,
  });
  const statement = (): string => {
    if (chance(0.6)) return typed(pick([0, 0, 0, 0, 0, 0.02, 0.1]));
    evil = pick([0, 0, 0, 0.1, 0.5]);
    const plain = () =>
      chance(0.1)
        ? `WITH ${chance(0.3) ? "RECURSIVE " : ""}${pick(["a", "x", "accounts", "pg_authid"])} AS ${chance(evil * 0.5) ? `(${change()})` : `(${select(1)})`} ${select()}`
        : chance(0.1)
          ? `${select()} ${pick(["UNION", "UNION ALL", "EXCEPT", "INTERSECT"])} ${select()}`
          : select();
    const kind = source.int(100);
    if (kind < 74) return plain();
    if (kind < 80)
      return `EXPLAIN ${pick(["", "ANALYZE ", "(VERBOSE) ", "(ANALYZE, FORMAT json) ", "(ANALYZE false, ANALYZE) "])}${chance(0.8) ? plain() : change()}`;
    if (kind < 86) return change();
    if (kind < 90) return pick(utility);
    if (kind < 93) return `${plain()}; ${pick(utility)}`;
    return spliced();
  };
  return statement;
}
