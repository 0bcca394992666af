import { describe, expect, test } from "vitest";
import type { CatalogItem, OwnLock } from "../../src/migrate/catalog-state.ts";
import {
  allowsSchema,
  type MaskedColumn,
  maskedColumns,
  refuseNames,
  refuseReach,
  refuseUnmasking,
} from "../../src/migrate/policy-check.ts";
import { openPolicy } from "../../src/policy.ts";
import { stepsOf } from "./migration-of.ts";

const only = { ...openPolicy, schemas: ["app"] };
const without = { ...openPolicy, denySchemas: ["secret"] };
const denied = expect.objectContaining({ kind: "denied" });

test.each([
  [openPolicy, "anything", true],
  [only, "app", true],
  [only, "App", false],
  [only, "other", false],
  [without, "other", true],
  [without, "secret", false],
  [{ ...only, denySchemas: ["app"] }, "app", false],
  [only, "pg_temp_3", true],
  [{ ...openPolicy, denySchemas: ["pg_temp"] }, "pg_temp_3", true],
])("%j allows %s: %s", (policy, schema, allowed) => expect(allowsSchema(policy, schema)).toBe(allowed));

describe("names that are written", () => {
  test.each([
    "CREATE TABLE app.a (b int); TRUNCATE secret.b",
    "ALTER TABLE app.a ADD FOREIGN KEY (b) REFERENCES secret.b",
    "CREATE VIEW app.v AS SELECT * FROM app.a WHERE b IN (SELECT c FROM secret.d)",
    'CREATE TABLE app.a AS SELECT * FROM "secret".b',
    "INSERT INTO app.a SELECT * FROM secret.b",
  ])("%s", async (sql) => {
    const steps = await stepsOf(sql);
    const last = steps.at(-1)?.number;
    for (const policy of [only, without]) {
      const refuse = () => refuseNames(policy, steps);
      expect(refuse).toThrow(denied);
      expect(refuse).toThrow(`Statement ${last} reaches into a schema that the operator has closed.`);
    }
    expect(() => refuseNames(openPolicy, steps)).not.toThrow();
  });

  test("without a schema say nothing: what they mean shows when they run", async () =>
    expect(() => refuseNames(only, [])).not.toThrow());
});

const lock = (schema: string | null, relid = "1"): OwnLock => ({
  relid,
  mode: "AccessShareLock",
  relkind: "r",
  schema,
  name: "x",
});
const item = (schema: string | null): CatalogItem => ({
  key: "r:1",
  kind: "table",
  schema,
  relation: "x",
  name: "x",
  definition: "",
  filenode: null,
  relid: "1",
});

describe("what was reached", () => {
  test.each([
    [[lock("secret")], []],
    [[lock("app"), lock("secret")], []],
    [[], [item("secret")]],
  ])("locks %j and things %j", (locks, items) => {
    for (const policy of [only, without])
      expect(() => refuseReach(policy, locks, items, "Statement 3")).toThrow(/^Statement 3 reaches into a schema/);
    expect(() => refuseReach(openPolicy, locks, items, "x")).not.toThrow();
  });

  test("the system's own, what was dropped and what has no schema is nobody's secret", () =>
    expect(() =>
      refuseReach(only, [lock("pg_catalog"), lock(null), lock("app")], [item("information_schema"), item(null)], "x"),
    ).not.toThrow());
});

describe("masked columns", () => {
  const ssn: MaskedColumn = { relid: "1", attribute: "3", name: "ssn" };
  const unmask = async (
    sql: string,
    { after = [ssn], locks = [lock("app")] }: { after?: readonly MaskedColumn[]; locks?: readonly OwnLock[] } = {},
  ) => {
    const steps = await stepsOf(sql, ["do"]);
    return () => refuseUnmasking(steps, [ssn], after, locks);
  };

  test.each([
    ["ALTER TABLE a RENAME ssn TO number", [], "would lose its name"],
    ["ALTER TABLE a DROP ssn", [], "would lose its name"],
    ["ALTER TABLE a RENAME ssn TO x; ALTER TABLE a ADD ssn text", [{ ...ssn, attribute: "9" }], "would lose its name"],
    ["CREATE TABLE b AS SELECT * FROM a", [ssn], "moves rows"],
    ["UPDATE a SET note = ssn", [ssn], "Statement 1 moves rows"],
    ["COMMENT ON TABLE a IS 'x'; INSERT INTO b SELECT * FROM a", [ssn], "Statement 2 moves rows"],
    ["DO $$ BEGIN END $$", [ssn], "moves rows"],
    ["REFRESH MATERIALIZED VIEW v", [ssn], "moves rows"],
    ["ALTER TABLE a ADD copy text GENERATED ALWAYS AS (ssn) STORED", [ssn], "computes something"],
    ["ALTER TABLE a ADD copy text DEFAULT upper(a.ssn)", [ssn], "computes something"],
    ["ALTER TABLE a ALTER note TYPE text USING ssn", [ssn], "computes something"],
    ["ALTER TABLE a ALTER ssn TYPE varchar(4)", [ssn], "computes something"],
  ])("%s", async (sql, after, words) => {
    const refuse = await unmask(sql, { after });
    expect(refuse).toThrow(denied);
    expect(refuse).toThrow(words);
  });

  test.each([
    "ALTER TABLE a ADD other int",
    "ALTER TABLE a ALTER note TYPE varchar(9)",
    "ALTER TABLE a ALTER ssn SET NOT NULL",
    "CREATE INDEX ON a (ssn)",
  ])("stay as they are with %s", async (sql) => expect(await unmask(sql)).not.toThrow());

  test("are no matter where their table was not used", async () =>
    expect(await unmask("INSERT INTO b VALUES (1)", { locks: [lock("app", "2")] })).not.toThrow());

  test("that nobody masks cost no question", async () => {
    const asked: unknown[] = [];
    const rows = async (_: string, values: unknown) => {
      asked.push(values);
      return [ssn] as never;
    };
    expect(await maskedColumns({ rows }, openPolicy)).toEqual([]);
    expect(asked).toEqual([]);
    expect(await maskedColumns({ rows }, { ...openPolicy, mask: ["app.a.ssn"] })).toEqual([ssn]);
    expect(asked).toEqual([['{"app.a.ssn"}']]);
  });
});
