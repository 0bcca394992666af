import { readFileSync } from "node:fs";
import { startPostgres } from "@mooring/testing";
import pg from "pg";
import { expect, it } from "vitest";
import { judge, type Code } from "../../src/guard/code.ts";
import { deniedFunctions, harmlessVolatile } from "../../src/guard/vouched.ts";

/** Names that suggest a side effect, another place than tables, or SQL in a string. */
const doubtful =
  /^(pg_|lo_|binary_upgrade|txid_|inet_(client|server)|set|dblink|currtid|brin_|gin_|gist_|amvalidate|fmgr|plpgsql|RI_|ts_(stat|rewrite|parse|token|debug)|row_security|current_setting|cursor|query|table|schema|database|has_|obj_|shobj_|col_desc|to_reg|xml|xpath|json.*populate|convert|encode|decode|getdatabase|getpg|random|unique_key|suppress|nextval|currval|lastval|.*handler|.*_(in|recv)$)/;

/** Families whose members only tell something. */
const telling = /^(pg_stat_get_|has_\w+_privilege$|pg_\w+_is_visible$|pg_get_\w+def$|to_reg|pg_lsn|\w+_send$)/;
/**
 * Reviewed one by one, by the manual and the source: each tells what SQL may be told anyway, and leaves nothing behind. A name
 * that a newer PostgreSQL adds fails here until somebody has looked at it.
 */
const reviewed = new Set(
  readFileSync(new URL("reviewed-functions.txt", import.meta.url), "utf8")
    .trim()
    .split(/\s+/),
);

it("lets pass, of PostgreSQL's own functions with doubtful names, those that were reviewed", async () => {
  await using postgres = await startPostgres();
  const client = new pg.Client(postgres.url);
  await client.connect();
  const { rows } = await client.query<Code & { args: string }>(`
    select n.nspname as schema, p.proname as name, p.oid::text, p.provolatile as detail, null as extension, l.lanname as language,
           'true' as sound,
           (('cstring'::regtype = any (p.proargtypes::oid[]) or 'internal'::regtype = any (p.proargtypes::oid[]) or b.typtype = 'p' and b.typname !~ '^(any|record|void)') and p.prokind <> 'a')::text as raw
      from pg_proc p join pg_namespace n on n.oid = p.pronamespace join pg_language l on l.oid = p.prolang join pg_type b on b.oid = p.prorettype
     where n.nspname = 'pg_catalog'`);
  await client.end();
  const passing = rows.filter((code) => !deniedFunctions.test(code.name) && judge(code, new Set()) === "fine");
  expect(passing.length).toBeGreaterThan(2_000);
  const names = [...new Set(passing.map(({ name }) => name).filter((name) => doubtful.test(name)))].sort();
  expect(names.filter((name) => !telling.test(name) && !reviewed.has(name))).toEqual([]);
  // None with side effects by what PostgreSQL says itself, but for those that were looked at.
  const volatile = new Set(passing.filter(({ detail }) => detail === "v").map(({ name }) => name));
  expect([...volatile].filter((name) => !harmlessVolatile.has(name))).toEqual([]);
});
