import { type Postgres, startPostgres } from "@mooring/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { requestCancel } from "../../src/connection/cancel.ts";
import { connect } from "../../src/connection/connect.ts";
import { createDatabase } from "../../src/create-database.ts";
import { createParser } from "../../src/guard/parser.ts";
import { openPolicy } from "../../src/policy.ts";
import { deadPort } from "./listening.ts";
import { programPath, running } from "./program.ts";
import { settingsFrom, timeouts } from "./settings-from.ts";

const pgbouncer = programPath("pgbouncer");

// The Debian package pgbouncer.
describe.skipIf(pgbouncer === undefined)("PgBouncer in transaction mode (needs pgbouncer)", () => {
  let server: Postgres;
  beforeAll(async () => void (server = await startPostgres()));
  afterAll(() => server.stop());

  /** `ignoring`: it passes over options in silence, as its manual advises. */
  async function pooler(ignoring = false) {
    const port = await deadPort();
    const { port: behind } = new URL(server.url);
    const ini = [
      "[databases]",
      `* = host=127.0.0.1 port=${behind} user=test password=test`,
      "[pgbouncer]",
      "listen_addr = 127.0.0.1",
      `listen_port = ${port}`,
      "unix_socket_dir =",
      "auth_type = scram-sha-256",
      "auth_file = users",
      "pool_mode = transaction",
      "default_pool_size = 3",
      ...(ignoring ? ["ignore_startup_parameters = options"] : []),
    ];
    const files = { "pgbouncer.ini": ini.join("\n"), users: '"test" "test"\n' };
    const program = await running(pgbouncer ?? "", files, () => ["pgbouncer.ini"], /process up/);
    return { ...program, url: `postgres://test:test@127.0.0.1:${port}/postgres` };
  }

  const open = async (url: string, config: Record<string, unknown> = {}) => {
    const settings = await settingsFrom({ DATABASE_URL: url }, config);
    return { settings, opened: await connect(settings, timeouts, AbortSignal.timeout(8_000)) };
  };

  it("is found out by its refusal of options, and remembered", async () => {
    await using bouncer = await pooler();
    const { settings, opened } = await open(bouncer.url);
    expect(opened.pooler).toBe(true);
    expect(settings.poolerSeen).toEqual({ value: true });
    await opened.client.end();
    await expect(open(bouncer.url, { pooler: "off" })).rejects.toThrow("What answers takes no options");
    await expect(open(`${bouncer.url}?options=-cgeqo%3Doff`)).rejects.toThrow("What answers takes no options");
  });

  it("is found out where it passes over options in silence", async () => {
    await using bouncer = await pooler(true);
    const { opened } = await open(bouncer.url);
    expect(opened.pooler).toBe(true);
    await opened.client.end();
  });

  it("cancels through it", async () => {
    await using bouncer = await pooler();
    const { opened } = await open(bouncer.url);
    const sleeping = opened.client.query("SELECT pg_sleep(20)").catch((error: unknown) => error);
    await new Promise((resolve) => setTimeout(resolve, 200));
    const asked = performance.now();
    await requestCancel(opened);
    expect(await sleeping).toMatchObject({ code: "57014" });
    expect(performance.now() - asked).toBeLessThan(2_500);
    await opened.client.end();
  });

  it("serves reads in a row and side by side, each of them limited", async () => {
    await using bouncer = await pooler();
    const parser = createParser();
    const settings = await settingsFrom({ DATABASE_URL: bouncer.url });
    const short = { ...timeouts, statement: 500 };
    const database = createDatabase({
      name: "d",
      policy: openPolicy,
      timeouts: short,
      parser,
      settings: async () => settings,
    });
    const signal = AbortSignal.timeout(20_000);
    const ask = async (sql: string) =>
      (await database.read(await database.prove(sql, signal), { maxRows: 10, signal })).rows;
    for (let i = 0; i < 20; i++) expect(await ask(`SELECT ${i}`)).toEqual([[String(i)]]);
    const many = await Promise.all(
      Array.from({ length: 20 }, (_, i) => ask(`SELECT ${i}, current_setting('transaction_read_only')`)),
    );
    expect(many).toEqual(Array.from({ length: 20 }, (_, i) => [[[String(i), "on"]]].flat()));
    const slow = "SELECT count(*) FROM generate_series(1, 1000000) a, generate_series(1, 1000) b";
    await expect(ask(slow)).rejects.toMatchObject({ code: "57014" });
    expect(await ask("SELECT 1")).toEqual([["1"]]);
    await database.close();
    await parser.close();
  });
});
