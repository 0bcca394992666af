import { expect, test } from "vitest";
import { lossesOf } from "../../src/migrate/losses.ts";
import type { CatalogItem } from "../../src/migrate/catalog-state.ts";
import { stepsOf } from "./migration-of.ts";

const column = (definition: string, name = "c"): CatalogItem => ({
  key: "c:1:1",
  kind: "column",
  schema: "a",
  relation: "a.b",
  name,
  definition,
  filenode: null,
  relid: "1",
});

async function losses(sql: string, was: string, is: string, name = "c"): Promise<string[]> {
  const [step] = await stepsOf(sql);
  return step ? lossesOf(step, [{ was: column(was, name), is: column(is, name) }]) : ["no step"];
}

const alter = "ALTER TABLE a.b ALTER COLUMN c TYPE int";
const between = (was: string, is: string) => losses(alter, was, is);

test.each([
  ["numeric", "bigint", "rounded to whole numbers"],
  ["numeric(12,2) not null default 0", "integer not null default 0", "rounded to whole numbers"],
  ["numeric(12,0)", "bigint", "beyond its range are refused"],
  ["double precision", "integer", "rounded to whole numbers"],
  ["money", "bigint", "rounded to whole numbers"],
  ["bigint", "integer", "beyond its range are refused"],
  ["integer identity always", "smallint identity always", "beyond its range are refused"],
  ["bigint", "double precision", "about 15 significant digits"],
  ["integer", "real", "about 6 significant digits"],
  ["numeric(8,2)", "double precision", "about 15 significant digits"],
  ["double precision", "real", "about 6 significant digits"],
  ["double precision", "numeric", "only 15 significant digits"],
  ["numeric", "numeric(12,2)", "rounded to 2 decimals"],
  ["numeric(12,4)", "numeric(12,2)", "rounded to 2 decimals"],
  ["numeric(12,2)", "numeric(8,2)", "values with more digits are refused"],
  ["numeric(5,0)", "numeric(5,-2)", "rounded to -2 decimals"],
  ["timestamp with time zone", "date", "the time of day is dropped for good; TimeZone"],
  ["timestamp without time zone", "date", "the time of day is dropped for good"],
  ["timestamp with time zone", "timestamp without time zone", "the instant is lost"],
  ["timestamp without time zone", "timestamp with time zone", "taken for local times"],
  ["timestamp without time zone", "time without time zone", "the date is dropped"],
  ["timestamp with time zone", "timestamp(0) with time zone", "rounded to 0 decimals"],
  ["time(3) without time zone", "time(1) without time zone", "rounded to 1 decimal,"],
  ["text", "character varying(20)", "beyond 20 characters is refused"],
  ['character varying(40) collate "C"', 'character varying(20) collate "C"', "beyond 20 characters is refused"],
  ["text", "character(3)", "beyond 3 characters is refused"],
  ["text", "name", "beyond 63 bytes is cut"],
  ["text[]", "character varying(5)[]", "beyond 5 characters is refused"],
  ["json", "jsonb", "order of keys"],
])("%s -> %s loses something", async (was, is, words) => {
  const found = await between(was, is);
  expect(found).toHaveLength(1);
  expect(found[0]).toContain(words);
});

test.each([
  ["integer", "bigint"],
  ["smallint", "real"],
  ["integer", "double precision"],
  ["real", "double precision"],
  ["bigint", "numeric"],
  ["numeric(8,2)", "numeric(12,2)"],
  ["numeric(8,2)", "numeric"],
  ["date", "timestamp with time zone"],
  ["timestamp(3) with time zone", "timestamp with time zone"],
  ["character varying(20)", "character varying(40)"],
  ["character varying(20)", "text"],
  ["character(3)", "character varying(3)"],
  ["integer", "text"],
  ["integer", "integer default 5"],
  ["numeric(12,2)", "numeric(12,2) not null"],
  ["app.mood", "integer"],
  ["integer", "app.integer"],
  // Names of the database that begin like a type.
  ["integer_range", "smallint"],
  ["dates.day", "date"],
  ["timestamp with time zone", "text"],
  ["integer", "integer[]"],
])("%s -> %s keeps all, or is not ours to judge", async (was, is) => expect(await between(was, is)).toEqual([]));

test("USING decides what becomes of values", async () => {
  const cast = "ALTER TABLE a.b ALTER COLUMN c TYPE varchar(5) USING c::varchar(5)";
  expect(await losses(cast, "text", "character varying(5)")).toEqual([
    "text -> varchar(5), as far as USING casts: a cast in USING cuts text beyond 5 characters, silently and for good.",
  ]);
  // Of another column.
  const other = 'ALTER TABLE a.b ALTER COLUMN d TYPE int USING 1, ALTER COLUMN "C" TYPE varchar(5)';
  expect(await losses(other, "text", "character varying(5)", '"C"')).toEqual([
    "text -> varchar(5): text beyond 5 characters is refused, also what is written until it is applied.",
  ]);
});

test("partitions say it once", async () => {
  const [step] = await stepsOf(alter);
  const pair = { was: column("bigint"), is: column("integer") };
  expect(step && lossesOf(step, [pair, pair, pair])).toHaveLength(1);
});

test("only a change of type does it", async () =>
  expect(await losses("CREATE OR REPLACE VIEW a.b AS SELECT 1", "bigint", "integer")).toEqual([]));
