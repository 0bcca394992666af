import { ToolError } from "@mooring/core";
import { describe, expect, test } from "vitest";
import { check } from "../src/check.ts";
import type { Database } from "../src/database.ts";
import { createDatabases } from "../src/databases.ts";
import { openPolicy } from "../src/policy.ts";
import type { Deps } from "../src/tool.ts";

/** A database as far as `--check` asks it: its catalog has these columns. */
function databaseOf(
  name: string,
  mask: readonly string[],
  columns: readonly string[],
  { privileges = [], reached = true }: { readonly privileges?: readonly string[]; readonly reached?: boolean } = {},
): Database {
  return {
    name,
    policy: { ...openPolicy, mask },
    facts: async () => {
      if (!reached) throw new ToolError("unavailable", "Nothing listens.", { hint: "Start it." });
      return { version: "15.18", user: "reader", privileges };
    },
    catalog: async (_text: string, values: readonly string[]) =>
      mask.filter((entry) => values[0]?.includes(`"${entry}"`) && !columns.includes(entry)).map((entry) => ({ entry })),
  } as unknown as Database;
}

const lines = (...all: Database[]) =>
  check({ databases: createDatabases(all, () => new Error("none") as never), config: { queries: {} } } as Deps);
const masks = async (...all: Database[]) => (await lines(...all)).filter(({ name }) => name.startsWith("mask "));

describe("a mask", () => {
  test("that is no column is a problem: what it was to hide is open", async () => {
    expect(await masks(databaseOf("default", ["app.people.emial", "app.people.phone"], ["app.people.phone"]))).toEqual([
      {
        name: "mask app.people.emial",
        ok: false,
        detail: "no such column in default",
        fix: "Correct it (schema.table.column, as the database has them): as it stands it hides nothing.",
      },
    ]);
  });

  test("of all databases has to be a column of one of them", async () => {
    const shared = ["app.people.phone"];
    expect(await masks(databaseOf("one", shared, shared), databaseOf("two", shared, []))).toEqual([]);
    expect(await masks(databaseOf("one", shared, []), databaseOf("two", shared, []))).toMatchObject([
      { detail: "no such column in one, two" },
    ]);
    expect(await masks(databaseOf("one", shared, []), databaseOf("two", [], shared))).toMatchObject([
      { detail: "no such column in one" },
    ]);
  });

  test("is looked for whatever the login may do, and not where a database is away", async () => {
    const wrong = ["app.people.emial"];
    expect(await masks(databaseOf("one", wrong, [], { privileges: ["superuser"] }))).toHaveLength(1);
    expect(await lines(databaseOf("one", wrong, []), databaseOf("two", [], [], { reached: false }))).toEqual([
      { name: "one", ok: true, detail: "PostgreSQL 15.18, as reader" },
      { name: "two", ok: false, detail: "Nothing listens.", fix: "Start it." },
    ]);
  });
});
