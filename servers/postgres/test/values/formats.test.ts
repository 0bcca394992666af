import { expect, test } from "vitest";
import { cutCells, maxCell } from "../../src/values/cells.ts";
import { fit } from "../../src/values/fit.ts";
import { type Format, formats, writerOf } from "../../src/values/formats.ts";

const names = ["id", "id", "note"];
const types = ["int8", "numeric", "text"];
const rows = [
  ["1", "1.50", "plain"],
  ["9007199254740993", "NaN", 'tab\tquote"\nback\\slash, bar|'],
  [null, null, ""],
];

const written = (format: Format, ofTypes = types, ofRows: readonly (readonly (string | null)[])[] = rows) =>
  fit(writerOf(format, ofTypes === types ? names : ofTypes, ofTypes), ofRows, 100_000).text;

test("a table is COPY's text format under a line of names and types", () => {
  expect(written("table")).toBe(
    'id int8\tid numeric\tnote text\n1\t1.50\tplain\n9007199254740993\tNaN\ttab\\tquote"\\nback\\\\slash, bar|\n\\N\\N'.replace(
      "\\N\\N",
      "\\N\t\\N\t",
    ),
  );
});

test("csv keeps NULL apart from the empty text", () => {
  expect(written("csv")).toBe('id,id,note\n1,1.50,plain\n9007199254740993,NaN,"tab\tquote""\nback\\slash, bar|"\n,,""');
});

test("markdown stays a table whatever the cells hold", () => {
  const lines = written("markdown").split("\n");
  expect(lines).toHaveLength(5);
  expect(lines[3]).toBe('| 9007199254740993 | NaN | tab\tquote"<br>back\\\\slash, bar\\| |');
});

test("json is JSON, keeps duplicate names, and writes a number only where every reader gets the same", () => {
  expect(JSON.parse(written("json"))).toEqual({
    columns: [
      ["id", "int8"],
      ["id", "numeric"],
      ["note", "text"],
    ],
    rows: [
      [1, "1.50", "plain"],
      ["9007199254740993", "NaN", 'tab\tquote"\nback\\slash, bar|'],
      [null, null, ""],
    ],
  });
});

test.for([
  ["bool", "t", "true"],
  ["int8", "9007199254740991", "9007199254740991"],
  ["int8", "-9007199254740992", '"-9007199254740992"'],
  ["float8", "1e+300", "1e+300"],
  ["float8", "-0", "-0"],
  ["float8", "Infinity", '"Infinity"'],
  ["float4", "NaN", '"NaN"'],
  ["jsonb", '{"n": 12345678901234567890.5}', '{"n": 12345678901234567890.5}'],
  ["json", "{\n}", '"{\\n}"'],
  ["jsonb", '{"cut": "…(+5 char', '"{\\"cut\\": \\"…(+5 char"'],
  ["timestamptz", "infinity", '"infinity"'],
])("json, %s %s", ([type, value, expected]) => {
  expect(written("json", [type as string], [[value as string]])).toContain(`[${expected}]`);
});

test("every format has all rows or says how many it took", () => {
  const many = Array.from({ length: 100 }, (_, i) => [String(i)]);
  for (const format of formats) {
    const { text, rows: taken } = fit(writerOf(format, ["n"], ["int4"]), many, 120);
    expect(text.length).toBeLessThanOrEqual(120);
    expect([taken > 5, taken < 100, text.includes(String(taken))]).toEqual([true, true, false]);
  }
});

test("the first row is written however long it is", () => {
  expect(fit(writerOf("table", ["n"], ["text"]), [["x".repeat(50)], ["y"]], 10).rows).toBe(1);
});

test("long cells are cut between characters, and counted", () => {
  const { rows: cut, cut: count } = cutCells([["a".repeat(maxCell - 1) + "😀" + "b".repeat(10)], ["short"], [null]]);
  expect(count).toBe(1);
  expect(cut[0]?.[0]).toBe(`${"a".repeat(maxCell - 1)}…(+12 characters)`);
  expect(cut[0]?.[0]?.isWellFormed()).toBe(true);
  expect(cut.slice(1)).toEqual([["short"], [null]]);
});
