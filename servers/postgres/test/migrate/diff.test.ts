import { expect, test } from "vitest";
import type { CatalogItem } from "../../src/migrate/catalog-state.ts";
import { catalogFrom, compare } from "../../src/migrate/diff.ts";

const item = (
  key: string,
  kind: string,
  name: string,
  definition: string,
  more: Partial<CatalogItem> = {},
): CatalogItem => ({
  key,
  kind,
  schema: "app",
  relation: "app.users",
  name,
  definition,
  filenode: null,
  relid: "1",
  ...more,
});
const table = item("r:1", "table", "app.users", "owner a", { filenode: "1" });
const id = item("c:1:1", "column", "id", "integer not null");
const email = item("c:1:2", "column", "email", "text");

test("what is new, gone and changed", () => {
  const { lines } = compare(
    [table, id, email],
    [table, { ...id, definition: "bigint not null" }, item("c:1:3", "column", "age", "integer")],
  );
  expect(lines).toEqual([
    "- column app.users.email: text",
    "+ column app.users.age: integer",
    "~ column app.users.id: integer not null -> bigint not null",
  ]);
});

test("a new table is one line with its columns, a dropped one takes everything with it", () => {
  const index = item("i:5", "index", "app.users_email", "app.users USING btree (email)");
  expect(compare([], [table, id, email, index]).lines).toEqual([
    "+ table app.users (id integer not null, email text): owner a",
    "+ index app.users_email on app.users: app.users USING btree (email)",
  ]);
  expect(compare([table, id, email, index], []).lines).toEqual(["- table app.users"]);
});

test("a renamed table is one line, not one for each column", () => {
  const moved = { relation: "app.people" };
  const { lines } = compare(
    [table, id],
    [
      { ...table, ...moved, name: "app.people" },
      { ...id, ...moved },
    ],
  );
  expect(lines).toEqual(["~ table app.users -> app.people"]);
});

test("a renamed column is one line", () => {
  expect(compare([email], [{ ...email, name: "mail" }]).lines).toEqual(["~ column app.users.email -> mail"]);
});

test("what was made again under its name is no change, and a rewrite", () => {
  const was = item("k:1:2", "constraint", "users_pkey", "PRIMARY KEY (id)", { filenode: "7" });
  const { lines, rewritten } = compare(
    [table, was],
    [
      { ...table, filenode: "9" },
      { ...was, key: "k:8:9", filenode: "10" },
    ],
  );
  expect(lines).toEqual([]);
  expect(rewritten.map(({ name }) => name)).toEqual(["app.users", "users_pkey"]);
});

test("step by step, each is compared with the one before", () => {
  const other = item("r:2", "table", "app.other", "owner a", { relation: "app.other", relid: "2" });
  const catalog = catalogFrom([table, id, other]);
  const scope = { relations: ["1"], objects: [] };
  expect(catalog.advance([table, id, email], scope).lines).toEqual(["+ column app.users.email: text"]);
  expect(catalog.advance([table, email], scope).lines).toEqual(["- column app.users.id: integer not null"]);
  // What is out of scope was not looked at, so it is as it was; in scope and not there means dropped.
  expect(catalog.items()).toContain(other);
  expect(catalog.advance([table, email], { relations: ["1", "2"], objects: [] }).lines).toEqual(["- table app.other"]);
});

test("other objects are known by their catalogs", () => {
  const f = item("f:7", "function", "app.f(integer)", "returns integer", { relation: null, relid: null });
  const catalog = catalogFrom([f]);
  expect(catalog.advance([], { relations: [], objects: ["pg_type:7"] }).lines).toEqual([]);
  expect(catalog.advance([], { relations: [], objects: ["pg_proc:7"] }).lines).toEqual([
    "- function app.f(integer): returns integer",
  ]);
});
