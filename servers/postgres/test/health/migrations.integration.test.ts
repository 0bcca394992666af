import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { type Postgres, startPostgres } from "@mooring/testing";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { looking, mend, person } from "./problems.ts";

let server: Postgres;
beforeAll(async () => {
  server = await startPostgres();
});
afterAll(() => server.stop());

/** A directory with these files; a text beginning with `->` is a link. */
function directory(files: Readonly<Record<string, string>>): string {
  const base = mkdtempSync(join(tmpdir(), "mooring-migrations-"));
  onTestFinished(() => rmSync(base, { recursive: true }));
  for (const [name, text] of Object.entries(files)) {
    const path = join(base, name);
    mkdirSync(dirname(path), { recursive: true });
    if (text.startsWith("->")) symlinkSync(text.slice(2), path);
    else writeFileSync(path, text);
  }
  return base;
}

let made = 0;
async function told(sql: string, files?: Readonly<Record<string, string>>) {
  const url = await server.newDatabase(`migrations_${++made}`);
  await using client = await person(url);
  await client.query(sql);
  await using health = looking(url);
  const options = { config: { migrations: files && directory(files) } };
  const before = await health.find("migration_history", options);
  await mend(client, before);
  const after = await health.find("migration_history", options);
  const short = (all: typeof before) =>
    all.map(({ severity, subject, evidence }) => `${severity} ${subject}: ${evidence}`);
  return { before: short(before), after: short(after), fixes: before.flatMap(({ fix }) => fix ?? []) };
}

const prismaTable = `CREATE TABLE _prisma_migrations (id varchar(36) PRIMARY KEY, checksum varchar(64) NOT NULL, finished_at timestamptz,
  migration_name varchar(255) NOT NULL, logs text, rolled_back_at timestamptz, started_at timestamptz NOT NULL DEFAULT now(), applied_steps_count int NOT NULL DEFAULT 0)`;

test("Prisma: applied, failed, rolled back, not applied", async () => {
  const { before, after, fixes } = await told(
    `${prismaTable};
     INSERT INTO _prisma_migrations VALUES
       ('1', 'x', '2026-01-01 10:00:01+00', '20260101_init', NULL, NULL, '2026-01-01 10:00:00+00', 1),
       ('2', 'x', NULL, '20260102_it''s', 'password=hunter2', NULL, '2026-01-02 10:00:00+00', 0),
       ('3', 'x', NULL, '20260103_back', NULL, now(), '2026-01-03 10:00:00+00', 0),
       ('4', 'x', '2025-12-01', '20251201_gone', NULL, NULL, '2025-12-01', 1)`,
    {
      "migration_lock.toml": "provider = 'postgresql'",
      "20260101_init/migration.sql": "",
      "20260102_it's/migration.sql": "",
      "20260103_back/migration.sql": "",
      "20260104_new/migration.sql": "",
      "20260105_empty/README": "",
    },
  );
  expect(before).toEqual([
    "high public._prisma_migrations 20260102_it's: failed, or still runs, since 2026-01-02 10:00:00+00; `prisma migrate resolve --rolled-back` after what it left is undone",
    "medium public._prisma_migrations: 3 migrations of 4 not applied: 20260102_it's, 20260103_back, 20260104_new",
    "low public._prisma_migrations: not in --migrations: 20251201_gone",
    "info public._prisma_migrations: Prisma, 2 applied, last: 20260101_init at 2026-01-01 10:00:01+00",
  ]);
  expect(fixes).toHaveLength(1);
  expect(after[0]).toMatch(/^medium/);
});

const flywayTable = `CREATE TABLE flyway_schema_history (installed_rank int PRIMARY KEY, version varchar(50), description varchar(200) NOT NULL, type varchar(20) NOT NULL,
  script varchar(1000) NOT NULL, checksum int, installed_by varchar(100) NOT NULL DEFAULT 'x', installed_on timestamp NOT NULL DEFAULT '2026-01-01', execution_time int NOT NULL DEFAULT 1, success boolean NOT NULL)`;

test("Flyway: versions however they are written, baseline, undone, repeatable, out of order, failed", async () => {
  const { before, after } = await told(
    `CREATE SCHEMA app; SET search_path = app; ${flywayTable};
     INSERT INTO flyway_schema_history (installed_rank, version, description, type, script, success) VALUES
       (1, '1', '<< Flyway Baseline >>', 'BASELINE', '<< Flyway Baseline >>', true),
       (2, '2.0', 'two', 'SQL', 'V2.0__two.sql', true),
       (3, '10', 'ten', 'SQL', 'V10__ten.sql', true),
       (4, '10', 'ten', 'UNDO_SQL', 'U10__ten.sql', true),
       (5, NULL, 'all views', 'SQL', 'R__all_views.sql', true),
       (6, '4', 'four', 'SQL', 'V4__four.sql', true),
       (7, '5', 'five', 'SQL', 'V5__five.sql', false),
       (8, '3.5', 'gone', 'SQL', 'V3_5__gone.sql', true)`,
    {
      "V1__start.sql": "",
      "V0_9__before.sql": "",
      "sub/V02__two.sql": "",
      "V3__late.sql": "",
      "V4__four.sql": "",
      "V5__five.sql": "",
      "V10__ten.sql": "",
      "U10__ten.sql": "",
      "R__all_views.sql": "",
      "R__new_one.sql": "",
      "beforeMigrate.sql": "",
    },
  );
  expect(before).toEqual([
    "high app.flyway_schema_history V5__five.sql: failed at 2026-01-01 00:00:00; `flyway repair` after what it left is undone",
    "medium app.flyway_schema_history: 4 migrations of 9 not applied: R__new_one.sql, V3__late.sql, V5__five.sql, V10__ten.sql",
    "medium app.flyway_schema_history: older than what is applied: Flyway passes over them unless outOfOrder is on: V3__late.sql",
    "low app.flyway_schema_history: not in --migrations: V3_5__gone.sql",
    "info app.flyway_schema_history: Flyway, 5 applied, last: 3.5 gone at 2026-01-01 00:00:00",
  ]);
  expect(after.some((line) => line.includes("failed"))).toBe(false);
});

test("Alembic: what is not behind the revision, parents first; only heads are read", async () => {
  const files = {
    "env.py": "revision = None",
    "versions/b.py": `"""second\n\nRevision ID: bbb\n"""\nfrom typing import Union\n\nrevision: str = 'bbb'\ndown_revision: Union[str, None] = "aaa"  # was 'zzz'\nbranch_labels = None\n`,
    "versions/a.py": `revision = "aaa"\ndown_revision = None\nbranch_labels = ("zzz",)\n`,
    "versions/z_next.py": `revision = 'ccc'\ndown_revision = 'bbb'\n`,
    "versions/m_merge.py": `revision = 'ddd'\ndown_revision = (\n    'ccc',  # 'not me'\n    'bbb',\n)\ndepends_on = None\n`,
  };
  const table = "CREATE TABLE alembic_version (version_num varchar(32) PRIMARY KEY)";
  expect((await told(`${table}; INSERT INTO alembic_version VALUES ('bbb')`, files)).before).toEqual([
    "medium public.alembic_version: 2 migrations of 4 not applied: versions/z_next.py, versions/m_merge.py",
    "info public.alembic_version: Alembic, last applied: at bbb",
  ]);
  expect((await told(`${table}; INSERT INTO alembic_version VALUES ('fff')`, files)).before[0]).toBe(
    "low public.alembic_version: not in --migrations: revision fff",
  );
  expect((await told(table, files)).before[0]).toMatch(
    /^medium .*4 migrations of 4 not applied: versions\/a\.py, versions\/b\.py, versions\/z_next/,
  );
});

test("Knex: not applied, gone, and a lock that was left", async () => {
  const { before, after, fixes } = await told(
    `CREATE TABLE knex_migrations (id serial PRIMARY KEY, name varchar(255), batch int, migration_time timestamptz);
     CREATE TABLE knex_migrations_lock (index serial PRIMARY KEY, is_locked int);
     INSERT INTO knex_migrations (name, batch, migration_time) VALUES ('20260101_a.js', 1, '2026-01-01'), ('20260102_gone.js', 1, '2026-01-02');
     INSERT INTO knex_migrations_lock (is_locked) VALUES (1)`,
    { "20260101_a.ts": "", "20260103_c.ts": "", "20260103_c.d.ts": "", "helpers.ts": "" },
  );
  expect(before).toEqual([
    "high public.knex_migrations_lock: public.knex_migrations is locked: a run is under way, or died; no other one can start (`knex migrate:unlock`)",
    "medium public.knex_migrations: 1 migration of 2 not applied: 20260103_c.ts",
    "low public.knex_migrations: not in --migrations: 20260102_gone.js",
    expect.stringMatching(/^info public\.knex_migrations: Knex, 2 applied, last: 20260102_gone\.js at 2026-01-02/),
  ]);
  expect(fixes).toEqual(["UPDATE public.knex_migrations_lock SET is_locked = 0;"]);
  expect(after).toHaveLength(3);
});

test("Drizzle: by its journal, changed files, and what it will never apply", async () => {
  const journal = (entries: object[]) => JSON.stringify({ version: "7", dialect: "postgresql", entries });
  const applied = "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d";
  const { before } = await told(
    `CREATE SCHEMA drizzle; CREATE TABLE drizzle.__drizzle_migrations (id serial PRIMARY KEY, hash text NOT NULL, created_at bigint);
     INSERT INTO drizzle.__drizzle_migrations (hash, created_at) VALUES ('${applied}', 1767225600000), ('other', 1767398400000)`,
    {
      "meta/_journal.json": journal([
        { idx: 0, version: "7", when: 1767225600000, tag: "0000_start", breakpoints: true },
        { idx: 1, version: "7", when: 1767312000000, tag: "0001_merged_late", breakpoints: true },
        { idx: 2, version: "7", when: 1767398400000, tag: "0002_changed", breakpoints: true },
        { idx: 3, version: "7", when: 1767484800000, tag: "0003_new", breakpoints: true },
        { idx: 4, version: "7", when: 1767484800001, tag: "0004_lost", breakpoints: true },
      ]),
      "0000_start.sql": "\0",
      "0001_merged_late.sql": "",
      "0002_changed.sql": "SELECT 1",
      "0003_new.sql": "",
    },
  );
  expect(before).toEqual([
    "medium drizzle.__drizzle_migrations: 3 migrations of 5 not applied: 0001_merged_late, 0003_new, 0004_lost",
    "medium drizzle.__drizzle_migrations: older than what is applied: Drizzle never applies them: 0001_merged_late",
    "low drizzle.__drizzle_migrations: not in --migrations: 0004_lost.sql",
    "low drizzle.__drizzle_migrations: changed after they were applied: 0002_changed",
    "info drizzle.__drizzle_migrations: Drizzle, 2 applied, last: the one made at 2026-01-03 00:00:00+00",
  ]);
});

test("Rails and golang-migrate share a table's name", async () => {
  const rails = await told(
    `CREATE TABLE schema_migrations (version varchar PRIMARY KEY);
     CREATE TABLE ar_internal_metadata (key varchar PRIMARY KEY, value varchar, created_at timestamp, updated_at timestamp);
     INSERT INTO ar_internal_metadata (key, value) VALUES ('environment', 'production'), ('schema_sha1', 'x');
     INSERT INTO schema_migrations VALUES ('9'), ('20260101000000'), ('20260102000000')`,
    { "009_old.rb": "", "20260101000000_a.rb": "", "20260103000000_c.rb": "", "notes.md": "" },
  );
  expect(rails.before).toEqual([
    "medium public.schema_migrations: 1 migration of 3 not applied: 20260103000000_c.rb",
    "low public.schema_migrations: not in --migrations: 20260102000000",
    "info public.schema_migrations: Rails, 3 applied, last: 20260102000000 (environment production)",
  ]);
  const go = await told(
    "CREATE TABLE schema_migrations (version bigint PRIMARY KEY, dirty boolean NOT NULL); INSERT INTO schema_migrations VALUES (2, true)",
    {
      "000001_a.up.sql": "",
      "000001_a.down.sql": "",
      "000002_b.up.sql": "",
      "000010_c.up.sql": "",
    },
  );
  expect(go.before).toEqual([
    "high public.schema_migrations: dirty: version 2 failed half-way, nothing runs until what it left is mended (`migrate force`)",
    "medium public.schema_migrations: 1 migration of 3 not applied: 000010_c.up.sql",
    "info public.schema_migrations: golang-migrate, last applied: version 2",
  ]);
  expect(go.after[0]).toMatch(/^medium/);
});

test("a directory of another tool, one that is not there, links, and no history at all", async () => {
  expect((await told(prismaTable, { "V1__a.sql": "" })).before).toEqual([
    "info public._prisma_migrations: --migrations holds no files of Prisma",
    "info public._prisma_migrations: Prisma, nothing applied",
  ]);
  expect((await told("SELECT 1", { "V1__a.sql": "" })).before).toEqual([
    "info migrations: no history table of a known tool: nothing was applied here, or by a tool that is not known",
  ]);
  expect((await told("SELECT 1")).before).toEqual([]);
  // A link that leads outside is no file of the directory, one inside is.
  const outside = directory({ "V9__outside.sql": "", "deep/V8__deep.sql": "" });
  const linked = await told(flywayTable, {
    "real/V1__a.sql": "",
    "V2__in.sql": "->real/V1__a.sql",
    "V3__out.sql": `->${outside}/V9__outside.sql`,
    folder: `->${outside}/deep`,
    "V4__nowhere.sql": "->nothing",
  });
  expect(linked.before[0]).toBe(
    "medium public.flyway_schema_history: 2 migrations of 2 not applied: V1__a.sql, V2__in.sql",
  );
  const url = await server.newDatabase("absent");
  await using health = looking(url);
  const absent = await health.find("migration_history", { config: { migrations: join(outside, "not-there") } });
  expect(absent).toEqual([
    {
      severity: "medium",
      subject: "--migrations",
      evidence: "its directory cannot be read (ENOENT): what is not applied is not known",
      fix: undefined,
    },
  ]);
});

test("a table of that name which is something else, one that may not be read, and masked columns", async () => {
  expect((await told("CREATE TABLE schema_migrations (a int); CREATE TABLE alembic_version (b int)")).before).toEqual(
    [],
  );
  const url = await server.newDatabase("unreadable");
  await using client = await person(url);
  await client.query(
    "CREATE TABLE alembic_version (version_num text); INSERT INTO alembic_version VALUES ('topsecret'); CREATE ROLE nobody LOGIN PASSWORD 'n'",
  );
  const login = new URL(url);
  login.username = "nobody";
  login.password = "n";
  await using limited = looking(login.toString());
  expect(await limited.find("migration_history")).toMatchObject([
    { severity: "info", evidence: "of Alembic; this login may not read it" },
  ]);
  await using masked = looking(url, { mask: ["public.alembic_version.version_num"] });
  expect(await masked.find("migration_history")).toMatchObject([
    { severity: "info", evidence: "of Alembic; not read: columns of it are masked" },
  ]);
});

test("a table that would run code when it is read", async () => {
  const { before } = await told(`
    CREATE TYPE number AS (n int);
    CREATE FUNCTION ran(number) RETURNS text LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'ran as %', current_user; END $$;
    CREATE CAST (number AS text) WITH FUNCTION ran(number);
    CREATE TABLE schema_migrations (version number, dirty bool);
    INSERT INTO schema_migrations VALUES (row(1), false)`);
  expect(before).toEqual([
    "info public.schema_migrations: of golang-migrate; not read: that would run code of this database",
  ]);
});
