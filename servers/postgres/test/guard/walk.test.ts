import { beforeAll, describe, expect, it } from "vitest";
import { answer, load } from "../../src/guard/answer.ts";
import type { Inspection } from "../../src/guard/proof.ts";

beforeAll(() => load());

function inspect(sql: string): Inspection {
  const { answer: found } = answer({ id: 0, question: "inspect", sql });
  return found as Inspection;
}

describe("the tree of a statement", () => {
  it.for([
    ["SELECT 1", undefined],
    ["VALUES (1)", undefined],
    ["TABLE x", undefined],
    ["SHOW work_mem", undefined],
    ["EXPLAIN (ANALYZE, VERBOSE) SELECT 1", undefined],
    ["SELECT 1 INTO x", "SELECT INTO"],
    ["SELECT 1 FROM x FOR UPDATE", "row locks"],
    ["SELECT 1 FROM (SELECT 1 FROM x FOR SHARE) y", "row locks"],
    ["WITH x AS (DELETE FROM y RETURNING 1) SELECT 1 FROM x", "DELETE"],
    ["WITH x AS (SELECT 1), y AS (UPDATE z SET a = 1 RETURNING 1) TABLE y", "UPDATE"],
    ["EXPLAIN (FROBNICATE) SELECT 1", "frobnicate"],
    ["EXPLAIN CREATE TABLE x AS SELECT 1", "CREATE TABLE AS"],
    ["EXPLAIN EXECUTE p", "EXECUTE"],
    ["EXPLAIN DECLARE c CURSOR FOR SELECT 1", "DECLARE"],
    ["COPY x TO STDOUT", "COPY"],
    ["DO $$ begin end $$", "DO"],
    ["BEGIN", "BEGIN"],
    ["SET a = 1", "SET"],
    ["VACUUM", "VACUUM"],
    ["DELETE FROM x WHERE CURRENT OF c", "DELETE"],
  ] as const)("of %s is refused: %s", ([sql, why]) => {
    const { refusal } = inspect(sql);
    expect(refusal === undefined).toBe(why === undefined);
    expect((refusal ?? "").toLowerCase()).toContain((why ?? "").toLowerCase());
  });

  it.for([
    ["SELECT f(1), g.f(2), db.g.f(3)", "functions", [["f"], ["g", "f"], ["db", "g", "f"]]],
    ["VALUES (f(1))", "functions", [["f"]]],
    ["SELECT 1 FROM ROWS FROM (f(1), g(2)) x", "functions", [["f"], ["g"]]],
    ["SELECT sum(a) OVER (ORDER BY f() ROWS f() PRECEDING)", "functions", [["f"], ["sum"]]],
    ["SELECT 1 LIMIT f()", "functions", [["f"]]],
    ["SELECT 1 = 2, a OPERATOR(s.+) b", "operators", [["="], ["s", "+"]]],
    ["SELECT a BETWEEN 1 AND 2", "operators", [["<"], ["<="], [">"], [">="]]],
    ["SELECT a IN (1, 2)", "operators", [["="]]],
    ["SELECT a IN (SELECT 1)", "operators", [["="]]],
    ["SELECT a < ALL (SELECT 1)", "operators", [["<"]]],
    ["SELECT CASE a WHEN 1 THEN 2 END", "operators", [["="]]],
    ["SELECT 1 FROM a JOIN b USING (c)", "operators", [["="]]],
    ["SELECT 1 FROM a NATURAL JOIN b", "operators", [["="]]],
    ["SELECT 1 ORDER BY a USING <<<", "operators", [["<<<"]]],
    ["SELECT a NOT LIKE b", "operators", [["!~~"]]],
    ["SELECT a::t, t2 'x', CAST(a AS s.t3[])", "types", [["s", "t3"], ["t"], ["t2"]]],
    ["SELECT 1 FROM json_to_record('{}') AS x(a t)", "types", [["t"]]],
    ["SELECT 1 FROM xmltable('/a' PASSING x COLUMNS y t PATH '.')", "types", [["t"]]],
    ["SELECT xmlserialize(content x AS t)", "types", [["t"]]],
    ["SELECT json_value('1', '$' RETURNING t)", "types", [["t"]]],
    ["SELECT 1 FROM json_table('[]', '$' COLUMNS (a t PATH '$')) x", "types", [["t"]]],
    ["SELECT json_object('a': 1 RETURNING t)", "types", [["t"]]],
    ["SELECT json_scalar(1), json_object(1)", "spelled", [["json_object"], ["json_scalar"]]],
    ["SELECT json_exists(a, '$')", "spelled", [["json_exists"], ["json_query"], ["json_value"]]],
    ["SELECT a.b, a.b.c, (a).d, (a).b.e", "fields", ["b", "c", "d", "e"]],
    ["SELECT (a).d, x.e FROM y x", "calls", ["d"]],
    ["SELECT (a).d, x.e FROM f() x", "calls", ["d", "e"]],
    ["SELECT 1 FROM x TABLESAMPLE s.m(1)", "samplers", ["s.m"]],
    ["SELECT current_setting('A.B'), current_setting('c'::text, true)", "settings", ["a.b", "c"]],
    ["SELECT a, s.b FROM s.t, u", "relations", [["s", "t"], ["u"]]],
    ["WITH x AS (SELECT 1 FROM y) SELECT 1 FROM x, s.x", "relations", [["s", "x"], ["y"]]],
    ["WITH x AS (SELECT 1 FROM x) SELECT 1 FROM x", "relations", [["x"]]],
    ["WITH x AS (SELECT 1 FROM y), y AS (SELECT 1 FROM x) SELECT 1 FROM y", "relations", [["y"]]],
    ["WITH RECURSIVE x AS (SELECT 1 FROM x), y AS (SELECT 1) SELECT 1 FROM x, y", "relations", []],
    ["SELECT 1 FROM (WITH x AS (SELECT 1) SELECT 1 FROM x) a, x", "relations", [["x"]]],
    ["WITH x AS (SELECT 1) SELECT (SELECT 1 FROM x)", "relations", []],
    ["WITH x AS (SELECT 1) (SELECT 1 FROM x) UNION SELECT 1 FROM x", "relations", []],
    ["(WITH x AS (SELECT 1) SELECT 1 FROM x) UNION SELECT 1 FROM x", "relations", [["x"]]],
    ["WITH x AS (SELECT 1) INSERT INTO x SELECT 1 FROM x", "relations", [["x"]]],
    ["WITH x AS (SELECT 1) DELETE FROM x USING x y", "relations", [["x"]]],
  ] as const)("of %s names %s", ([sql, member, names]) => {
    const sorted = (all: readonly unknown[]) => all.map((each) => JSON.stringify(each)).toSorted();
    expect(sorted(inspect(sql)[member])).toEqual(sorted(names));
  });

  it.for([
    ["SELECT current_setting('a' || 'b')", true],
    ["SELECT current_setting(x) FROM y", true],
    ["SELECT ('a'::text).current_setting", true],
    ["SELECT current_setting('a')", false],
  ] as const)("of %s reads any setting: %s", ([sql, any]) => {
    expect(inspect(sql).anySetting).toBe(any);
  });

  it.for([
    ["SELECT a FROM x", false],
    ["SELECT a FROM x ORDER BY a", true],
    ["SELECT DISTINCT a FROM x", true],
    ["SELECT a FROM x UNION ALL SELECT 1", true],
    ["SELECT greatest(1, 2)", true],
    ["SELECT a FROM x GROUP BY a", true],
    ["SELECT f(a) FROM x", true],
  ] as const)("of %s compares: %s", ([sql, compares]) => {
    expect(inspect(sql).compares).toBe(compares);
  });
});

describe("the hash of a tree", () => {
  it("is the same wherever a statement stands, and in EXPLAIN and PREPARE", () => {
    const { hash } = inspect("SELECT a, 'x' FROM b WHERE c IN (1, 2)");
    expect(inspect("  SELECT  a , 'x'\nFROM b -- there\n WHERE c IN ( 1,2 )").hash).toBe(hash);
    expect(inspect("EXPLAIN (ANALYZE) SELECT a, 'x' FROM b WHERE c IN (1, 2)").hash).toBe(hash);
    expect(inspect("PREPARE p AS SELECT a, 'x' FROM b WHERE c IN (1, 2)").hash).toBe(hash);
  });

  it.for([
    "SELECT a, 'y' FROM b WHERE c IN (1, 2)",
    "SELECT a, 'x' FROM b WHERE c IN (1, 3)",
    "SELECT a, 'x' FROM b WHERE c IN (12)",
    "SELECT 'x', a FROM b WHERE c IN (1, 2)",
    'SELECT a, "x" FROM b WHERE c IN (1, 2)',
    "SELECT a, 'x' FROM b WHERE c NOT IN (1, 2)",
  ])("differs for %s", (sql) => {
    expect(inspect(sql).hash).not.toBe(inspect("SELECT a, 'x' FROM b WHERE c IN (1, 2)").hash);
  });
});
