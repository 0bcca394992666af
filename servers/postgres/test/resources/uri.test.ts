import fc from "fast-check";
import { expect, test } from "vitest";
import { placeOfUri, schemaUri, tableUri } from "../../src/resources/uri.ts";

const name = fc
  .string({ unit: "grapheme", minLength: 1, maxLength: 20 })
  .filter((text) => text.isWellFormed() && !text.includes("\0"));

test("any names come back", () => {
  fc.assert(
    fc.property(name, name, name, (database, schema, table) => {
      expect(placeOfUri(tableUri(database, schema, table))).toEqual({ database, schema, table });
      expect(placeOfUri(schemaUri(database, schema))).toEqual({ database, schema });
      // Nothing that a URL parser would change on the way.
      const uri = tableUri("shop", schema, table);
      expect(new URL(uri).href).toBe(uri);
    }),
  );
});

test("dots do not move the border", () => {
  expect(tableUri("shop", "a.b", "c")).toBe("pg://shop/table/a%2Eb.c");
  expect(tableUri("shop", "a", "b.c")).toBe("pg://shop/table/a.b%2Ec");
  expect(tableUri("shop", "..", "/")).toBe("pg://shop/table/%2E%2E.%2F");
});

test.for([
  "pg://a/b",
  "pg://a/schema/",
  "pg://a/table/b",
  "pg://a/schema/b.c",
  "pg://a/table/b.c/d",
  "pg://a/table/%zz.c",
  "http://a/schema/b",
  "",
])("%j is none of ours", (uri) => {
  expect(placeOfUri(uri)).toBeUndefined();
});
