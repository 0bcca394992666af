import { appendFile, cp, mkdir, readdir, rm, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import type pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { demoSettings } from "../../src/demo/database.ts";
import { SEED_VERSION } from "../../src/demo/seed/fill.ts";
import { startFailure } from "../../src/demo/start-failure.ts";
import { BootFailure } from "../../src/demo/thread.ts";
import { emptyState, memoryLog, openDemo } from "./open-demo.ts";

const RUNAWAY = "SELECT count(*) FROM generate_series(1, 1000000000000)";
const one = async (client: pg.Client, sql: string, values: unknown[] = []): Promise<unknown> =>
  Object.values(((await client.query(sql, values)).rows[0] ?? {}) as object)[0];

/** A state folder whose data is complete; tests copy it, since filling it takes seconds. */
let seeded: string;
const data = (stateDir: string) => join(stateDir, "demo", String(SEED_VERSION));

let first: { kept: boolean | undefined; logged: string[] };
beforeAll(async () => {
  seeded = await emptyState();
  const logged: string[] = [];
  const demo = demoSettings({ stateDir: seeded, log: memoryLog(logged), statementTimeout: 20_000 });
  await demo.boot();
  first = { kept: demo.kept, logged };
  await demo.close();
});
afterAll(() => rm(seeded, { recursive: true, force: true }));

it("is made without a complaint, and kept", () => {
  expect(first).toEqual({ kept: true, logged: [] });
});

describe("through the driver", () => {
  it("starts with the first connection, and says how far it is", async () => {
    await using demo = await openDemo({ from: seeded });
    expect(demo.kept).toBeUndefined();
    const said: string[] = [];
    const booting = demo.boot((done, total, message) => said.push(`${done}/${total} ${message}`));
    const client = await demo.client();
    await booting;
    expect(said).toEqual(["0/4 Loading PostgreSQL", "3/4 Starting it", "4/4 Started"]);
    expect(await one(client, "SHOW server_version")).toMatch(/^18\./);
    await demo.boot((done, total) => said.push(`${done}/${total}`));
    expect(said.at(-1)).toBe("4/4");
    expect(said).toHaveLength(4);
  });

  it("answers simple and extended queries, errors, and several statements", async () => {
    await using demo = await openDemo({ from: seeded });
    const client = await demo.client();
    expect(await one(client, "SELECT count(*) FROM shop.orders")).toBe("24000");
    expect(await one(client, "SELECT $1::int + 1", ["41"])).toBe(42);
    await expect(client.query("SELECT 1/0")).rejects.toMatchObject({ code: "22012" });
    await expect(client.query("SELECT $1::int", ["x"])).rejects.toMatchObject({ code: "22P02" });
    await expect(client.query("SELEC")).rejects.toMatchObject({ code: "42601", position: "1" });
    expect(await one(client, { text: "SELECT $1::text", name: "named" } as never, ["a"])).toBe("a");
    const several = (await client.query("BEGIN; SELECT 5 AS five; ROLLBACK")) as unknown as pg.QueryResult[];
    expect(several.map(({ command }) => command)).toEqual(["BEGIN", "SELECT", "ROLLBACK"]);
  });

  it("applies what a client asks for when it connects, and hands the next one a clean session", async () => {
    await using demo = await openDemo({ from: seeded });
    const first = await demo.client({
      application_name: "first",
      options: "-c work_mem=7MB -c default_transaction_read_only=on",
    });
    expect(await one(first, "SHOW work_mem")).toBe("7MB");
    expect(await one(first, "SHOW application_name")).toBe("first");
    await expect(first.query("DELETE FROM shop.carts")).rejects.toMatchObject({ code: "25006" });
    await first.query("PREPARE left_behind AS SELECT 1");
    await first.query("BEGIN");
    await first.query("SELECT nonsense").catch(() => {});
    await first.end();
    const second = await demo.client();
    expect(await one(second, "SHOW work_mem")).toBe("4MB");
    expect(await one(second, "SELECT count(*) FROM pg_prepared_statements")).toBe("0");
    expect(await one(second, "SHOW default_transaction_read_only")).toBe("off");
  });

  it("refuses a setting that there is not, as a server does", async () => {
    await using demo = await openDemo({ from: seeded });
    await expect(demo.client({ options: "-c no_such_setting=1" })).rejects.toThrow(/no_such_setting/);
    const client = await demo.client();
    expect(await one(client, "SELECT 1")).toBe(1);
  });

  it("logs in as the owner, who is no superuser, and as nobody that there is not", async () => {
    await using demo = await openDemo({ from: seeded });
    const client = await demo.client();
    expect(await one(client, "SELECT session_user || ' ' || current_setting('is_superuser')")).toBe("shopkeeper off");
    await expect(client.query("COPY shop.carts TO '/tmp/carts'")).rejects.toMatchObject({ code: "42501" });
    await client.end();
    await expect(demo.client({ user: "nobody" })).rejects.toThrow(/nobody/);
  });

  it("lets a second connection wait for the first", async () => {
    await using demo = await openDemo({ from: seeded });
    const first = await demo.client();
    const order: string[] = [];
    const second = demo.client().then((client) => (order.push("second in"), client));
    await first.query("SELECT 1");
    await sleep(50);
    order.push("first out");
    await first.end();
    expect(await one(await second, "SELECT 2")).toBe(2);
    expect(order).toEqual(["first out", "second in"]);
  });

  it("does not run ahead of a reader that stands still", async () => {
    await using demo = await openDemo({ from: seeded });
    const client = await demo.client();
    const before = process.memoryUsage().arrayBuffers;
    const result = client.query("SELECT i, repeat('x', 1000) FROM generate_series(1, 300000) AS i");
    result.catch(() => {});
    const { stream } = client.connection;
    stream.once("data", () => stream.pause());
    await sleep(700);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(60_000_000);
    stream.resume();
    expect((await result).rows).toHaveLength(300_000);
  });
});

describe("a statement without an end", () => {
  it("is ended after its time; the main thread runs on; the next call works, and nothing is lost", async () => {
    await using demo = await openDemo({ from: seeded, statementTimeout: 600 });
    const client = await demo.client();
    await client.query("CREATE TABLE kept (x int)");
    await client.query("INSERT INTO kept VALUES (7)");
    let ticks = 0;
    const ticking = setInterval(() => ticks++, 20);
    await expect(client.query(RUNAWAY)).rejects.toMatchObject({
      code: "57014",
      message: expect.stringContaining("statement timeout"),
    });
    clearInterval(ticking);
    expect(ticks).toBeGreaterThan(10);
    const next = await demo.client();
    expect(await one(next, "SELECT x FROM kept")).toBe(7);
    expect(demo.logged).toEqual([]);
  });

  it("runs as long as it likes where there is no limit", async () => {
    await using demo = await openDemo({ from: seeded, statementTimeout: 0 });
    const client = await demo.client();
    expect(await one(client, "SELECT count(*) FROM generate_series(1, 1000000)")).toBe("1000000");
  });

  it("is ended by a cancel request, which does nothing when nothing runs", async () => {
    await using demo = await openDemo({ from: seeded });
    const client = await demo.client();
    const cancel = async () => {
      const stream = demo.settings.stream?.(demo.settings.addresses[0]);
      if (!stream) throw new Error("There is no stream.");
      const packet = Buffer.alloc(16);
      [16, 80_877_102, client.processID ?? 0, client.secretKey ?? 0].forEach((word, i) =>
        packet.writeInt32BE(word, 4 * i),
      );
      const closed = new Promise((resolve) => stream.once("close", resolve));
      stream.resume().end(packet);
      await closed;
    };
    await cancel();
    expect(await one(client, "SELECT 1")).toBe(1);
    const running = client.query(RUNAWAY);
    await sleep(100);
    const asked = performance.now();
    await cancel();
    await expect(running).rejects.toMatchObject({ code: "57014", message: expect.stringContaining("user request") });
    expect(performance.now() - asked).toBeLessThan(1000);
    expect(await one(await demo.client(), "SELECT 2")).toBe(2);
  });

  it("is ended when its client goes", async () => {
    await using demo = await openDemo({ from: seeded });
    const client = await demo.client();
    const running = client.query(RUNAWAY).catch((error: unknown) => error);
    await sleep(100);
    client.connection.stream.destroy();
    expect(await running).toBeInstanceOf(Error);
    expect(await one(await demo.client(), "SELECT 3")).toBe(3);
  });

  it("leaves no temporary files behind", async () => {
    await using demo = await openDemo({ from: seeded, statementTimeout: 1_000 });
    await expect((await demo.client()).query(RUNAWAY)).rejects.toMatchObject({ code: "57014" });
    expect(await readdir(join(data(demo.stateDir), "base"))).toContain("pgsql_tmp");
    await demo.client();
    expect(await readdir(join(data(demo.stateDir), "base"))).not.toContain("pgsql_tmp");
  });

  it("leaves whole transactions where it was writing", async () => {
    await using demo = await openDemo({ from: seeded });
    let client = await demo.client();
    await client.query("CREATE TABLE pairs (id int, side text)");
    for (let round = 0; round < 3; round++) {
      const writing = (async () => {
        for (let i = 0; ; i++)
          await client.query(
            `BEGIN; INSERT INTO pairs VALUES (${i}, 'left'); INSERT INTO pairs VALUES (${i}, 'right'); COMMIT`,
          );
      })().catch(() => {});
      await sleep(150 + 60 * round);
      client.connection.stream.destroy();
      await writing;
      client = await demo.client();
      const [left, right] = [
        await one(client, "SELECT count(*) FROM pairs WHERE side = 'left'"),
        await one(client, "SELECT count(*) FROM pairs WHERE side = 'right'"),
      ];
      expect(left).toBe(right);
      expect(Number(left)).toBeGreaterThan(0);
    }
    expect(demo.logged).toEqual([]);
  });
});

describe("where the data is", () => {
  it("keeps what was written, in the state folder", async () => {
    await using first = await openDemo({ from: seeded });
    const client = await first.client();
    await client.query("UPDATE shop.customers SET name = 'Kept' WHERE id = 1");
    await client.end();
    await first.close();
    await using again = await openDemo({ stateDir: first.stateDir });
    expect(await one(await again.client(), "SELECT name FROM shop.customers WHERE id = 1")).toBe("Kept");
  });

  it("gives a second process a copy in memory, and says so; the folder when the first has ended", async () => {
    await using first = await openDemo({ from: seeded });
    await first.client().then((client) => client.query("UPDATE shop.customers SET name = 'First' WHERE id = 1"));
    await using second = await openDemo({ stateDir: first.stateDir });
    const client = await second.client();
    expect(await one(client, "SELECT name FROM shop.customers WHERE id = 1")).not.toBe("First");
    expect(await one(client, "SELECT count(*) FROM shop.orders")).toBe("24000");
    expect(second.kept).toBe(false);
    expect(second.logged).toEqual([
      expect.stringMatching(/^warn The demo database is in memory, .*gone when the server ends\./),
    ]);
    await client.end();
    await second.close();
    await first.close();
    expect(await one(await second.client(), "SELECT name FROM shop.customers WHERE id = 1")).toBe("First");
    expect(second.kept).toBe(true);
  });

  it.each([
    ["its control file is cut", (folder: string) => truncate(join(folder, "global/pg_control"), 100)],
    ["a catalog is overwritten", (folder: string) => writeFile(join(folder, "base/5/1259"), Buffer.alloc(8192, 0xaa))],
  ])("is made anew, with a line in the log, when %s", async (_, damage) => {
    await using demo = await openDemo({ from: seeded });
    await damage(data(demo.stateDir));
    expect(await one(await demo.client(), "SELECT count(*) FROM shop.orders")).toBe("24000");
    expect(demo.kept).toBe(true);
    expect(demo.logged).toEqual([
      expect.stringMatching(/^warn The demo database's data is damaged; it is made anew\./),
    ]);
  });

  it("is not what an interrupted start has left, and what other releases have left goes", async () => {
    const stateDir = await emptyState();
    await mkdir(join(stateDir, "demo", "0"), { recursive: true });
    await mkdir(`${data(stateDir)}.new`, { recursive: true });
    await appendFile(join(`${data(stateDir)}.new`, "PG_VERSION"), "18\n");
    await using demo = await openDemo({ stateDir });
    expect(await one(await demo.client(), "SELECT count(*) FROM shop.orders")).toBe("24000");
    expect((await readdir(join(stateDir, "demo"))).filter((name) => !name.endsWith(".lock"))).toEqual([
      String(SEED_VERSION),
    ]);
    expect(demo.logged).toEqual([]);
    await demo.close();
    await rm(stateDir, { recursive: true });
  });

  it("is memory, with a warning, where the state folder cannot be", async () => {
    const file = join(seeded, "a-file");
    await writeFile(file, "");
    await using demo = await openDemo({ stateDir: join(file, "state") });
    expect(await one(await demo.client(), "SELECT count(*) FROM shop.orders")).toBe("24000");
    expect(demo.kept).toBe(false);
    expect(demo.logged).toEqual([
      expect.stringMatching(/^warn The demo database is in memory.*state folder cannot be written/),
    ]);
  });

  it("is given back after a while without clients", async () => {
    await using demo = await openDemo({ from: seeded, idleMs: 50 });
    await (await demo.client()).end();
    await expect.poll(() => readdir(join(demo.stateDir, "demo"))).toEqual([String(SEED_VERSION)]);
    expect(await one(await demo.client(), "SELECT 1")).toBe(1);
  });
});

it("says what to install where PGlite is not", async () => {
  // The sources alone, with nothing installed beside them.
  const alone = await emptyState();
  await cp(new URL("../../src/demo", import.meta.url), join(alone, "demo"), { recursive: true });
  const file = pathToFileURL(join(alone, "demo/thread.ts")).href;
  const { startThread } = (await import(/* @vite-ignore */ file)) as typeof import("../../src/demo/thread.ts");
  const error = await startThread({ directory: undefined, seed: true, onStage: () => {} }).catch(
    (reason: unknown) => reason,
  );
  expect(error).toMatchObject({ name: "BootFailure", missing: true });
  await rm(alone, { recursive: true });

  const told = startFailure(new BootFailure("it is not installed", true));
  expect(told).toMatchObject({ kind: "unavailable", retryable: false });
  expect(`${told.message} ${told.hint}`).toContain(
    "npx -y -p @mooring/postgres -p @electric-sql/pglite mooring-postgres --demo",
  );
});
