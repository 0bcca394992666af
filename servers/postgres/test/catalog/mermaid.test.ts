import { describe, expect, test } from "vitest";
import { mermaidOf } from "../../src/catalog/mermaid.ts";
import type { CatalogObject, Link, ListedColumn } from "../../src/catalog/object.ts";

const column = (name: string, type = "integer", more: Partial<ListedColumn> = {}): ListedColumn => ({
  name,
  raw: name,
  type,
  required: true,
  key: false,
  masked: false,
  ...more,
});

function table(
  shownName: string,
  columns: readonly ListedColumn[],
  links: readonly Link[] = [],
  shownSchema = "public",
): CatalogObject {
  return {
    id: "r1",
    kind: "table",
    schema: shownSchema,
    name: shownName,
    shownSchema,
    shownName,
    comment: null,
    columns,
    links,
    rows: undefined,
    bytes: undefined,
    partitions: 0,
    partitionKey: null,
    closed: false,
    other: {},
    position: ["", "0", "", "1"],
  };
}

const link = (columns: readonly number[], name: string, schema: string | null = null): Link => ({
  columns,
  schema,
  table: name,
  targets: ["id"],
});

describe("a diagram", () => {
  test("says what is optional", () => {
    const text = mermaidOf([
      table(
        "a",
        [column("id", "integer", { key: true }), column("x", "integer", { required: false })],
        [link([0], "b"), link([1], "b")],
      ),
    ]);
    expect(text.split("\n").slice(-2)).toEqual(['  "b" ||--o{ "a" : "id"', '  "b" |o--o{ "a" : "x"']);
  });

  test("keeps names apart that Mermaid writes alike", () => {
    const text = mermaidOf([table('"a""b"', []), table('"a\'b"', [])]);
    expect(text.split("\n").filter((line) => line.endsWith("{"))).toEqual(["  \"'a''b'\" {", "  \"'a'b'\" {"]);
    const alike = mermaidOf([table('"x%"', []), table('"x％"', [])]);
    expect(new Set(alike.match(/"[^"]+"/g)).size).toBe(2);
  });

  test.for([
    ["PK", '_PK "PK"'],
    ['"two words"', "_two_words_ \"'two words'\""],
    ['"1st"', "_1st_ \"'1st'\""],
    ["snake_case", "snake_case"],
    ['"漢字"', "_ \"'漢字'\""],
  ] as const)("a column %s is %s", ([name, expected]) => {
    expect(mermaidOf([table("a", [column(name, "numeric(10,2)")])]).split("\n")[2]).toBe(
      `    numeric(10_2) ${expected}`,
    );
  });

  test("a wide table shows its keys and the first columns", () => {
    const columns = Array.from({ length: 60 }, (_, i) => column(`c${i}`));
    const lines = mermaidOf([table("wide", columns, [link([59], "b")])]).split("\n");
    expect(lines.filter((line) => line.startsWith("    "))).toHaveLength(31);
    expect(lines).toContain("    int c59 FK");
  });

  test("tables of several schemas have their schema", () => {
    const text = mermaidOf([table("a", [], [], "s1"), table("b", [column("x")], [link([0], "c", "s3")], "s2")]);
    expect(text).toContain('"s1.a" {');
    expect(text).toContain('"s3.c" ||--o{ "s2.b" : "x"');
  });
});
