import { expect, test } from "vitest";
import { roleSql } from "../src/role-sql.ts";

const times = { statementTimeout: 30_000, lockTimeout: 1.5 };

test("every schema, without a password, times as whole milliseconds", () => {
  const text = roleSql({ databases: {}, schemas: undefined, ...times });
  expect(text).toContain("GRANT pg_read_all_data TO mcp_ro;");
  expect(text).toContain("SET statement_timeout = '30000ms';");
  expect(text).toContain("SET lock_timeout = '2ms';");
  expect(text).toContain("\n\\password mcp_ro\n");
  expect(text).not.toMatch(/PASSWORD '|NOINHERIT|\bGRANT SELECT/);
});

test("the schemas of the configuration alone, quoted", () => {
  const text = roleSql({ databases: {}, schemas: ['a"b'], ...times });
  expect(text).toContain('GRANT SELECT ON ALL TABLES IN SCHEMA "a""b" TO mcp_ro;');
  expect(text).not.toContain("pg_read_all_data");
});

test("each database by its name, its own schemas before those of all", () => {
  const entry = { denySchemas: [], mask: [], allowFunctions: [] };
  const databases = { sales: { ...entry, schemas: ["s"] }, logs: entry };
  const text = roleSql({ databases, schemas: ["all"], ...times });
  expect(text).toMatch(/configured as sales:\nGRANT USAGE ON SCHEMA "s"/);
  expect(text).toMatch(/configured as logs:\nGRANT USAGE ON SCHEMA "all"/);
  expect(text.match(/CREATE ROLE/g)).toHaveLength(1);
});
