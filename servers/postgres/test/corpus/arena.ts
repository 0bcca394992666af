import { type Postgres, startPostgres } from "@mooring/testing";
import pg from "pg";
import { fillPlaceholders, type Variables } from "@mooring/testing";
import { loadText } from "./case.ts";

/** A cluster that may be ruined, and the database under attack in it. */
export interface Arena extends AsyncDisposable {
  readonly variables: Variables;
  /** The database under attack, for a login. */
  url(login: Login): string;
  /** Answers as the superuser does, in the database under attack. */
  check(sql: string): Promise<string>;
  /** Everything as it was. The server under attack has to be closed before. */
  reset(): Promise<void>;
  readonly postgres: Postgres;
}

export type Login = "superuser" | "app";

export interface ArenaOptions {
  /** Scripts of this folder, run one after the other into the template. */
  readonly setup: readonly string[];
  readonly settings?: Readonly<Record<string, string>>;
}

/** Starts a throw-away cluster as the corpus wants it. */
export async function openArena({ setup, settings = {} }: ArenaOptions): Promise<Arena> {
  const postgres = await startPostgres({
    settings: {
      max_prepared_transactions: "10",
      wal_level: "replica",
      shared_preload_libraries: "pg_stat_statements",
      ...settings,
    },
  });
  const admin = new pg.Client(postgres.url);
  await admin.connect();
  const one = async (sql: string) => String(Object.values((await admin.query(sql)).rows[0] as object)[0]);
  const datadir = await one("show data_directory");
  // The cluster reaches itself without a password, as the corpus assumes.
  await admin.query(`copy (select 'local all all trust' union all select 'host all all all trust') to '${datadir}/pg_hba.conf'`);
  await admin.query("select pg_reload_conf()");
  const port = await one("select inet_server_port()");
  const variables = {
    host: "127.0.0.1",
    port,
    dbname: "attack",
    user: "test",
    conn: `host=127.0.0.1 port=${port} dbname=attack user=test`,
    datadir,
  };
  const at = (database: string, user = "test:test") => {
    const url = new URL(postgres.url);
    [url.username, url.password] = user.split(":") as [string, string];
    url.pathname = `/${database}`;
    return url.toString();
  };

  // Scripts already run what has effects, which go to the database under attack.
  await admin.query("create database attack");
  const first = new pg.Client(at("attack"));
  await first.connect();
  await first.query("create table audit (n int)");
  await first.end();
  await admin.query("create database attack_template");
  const maker = new pg.Client(at("attack_template"));
  await maker.connect();
  for (const file of setup) await maker.query(fillPlaceholders(loadText(file), variables));
  await maker.end();
  await admin.query("drop database attack with (force)");
  await admin.query("create database attack template attack_template");

  let beside = await bystanders(at("attack"));
  return {
    postgres,
    variables,
    url: (login) => at("attack", login === "app" ? "app:app-secret" : "test:test"),
    async check(sql) {
      const { rows } = await beside.checker.query({ text: fillPlaceholders(sql, variables), rowMode: "array" });
      return JSON.stringify(rows);
    },
    async reset() {
      await beside.close();
      const left = new pg.Client(at("attack"));
      await left.connect();
      for (const { gid } of (await left.query("select gid from pg_prepared_xacts")).rows as { gid: string }[])
        await left.query(`rollback prepared '${gid}'`);
      await left.end();
      await admin.query("select pg_drop_replication_slot(slot_name) from pg_replication_slots where not active");
      await admin.query("select pg_replication_origin_drop(roname) from pg_replication_origin");
      await admin.query("drop database if exists attack with (force)");
      await admin.query("create database attack template attack_template");
      await admin.query("alter system reset all");
      await admin.query("select pg_reload_conf()");
      await admin.query("drop role if exists pwn");
      await admin.query(`copy (select 1) to program 'cat > /dev/null; rm -f "${datadir}"/pwn*'`);
      beside = await bystanders(at("attack"));
    },
    async [Symbol.asyncDispose]() {
      await beside.close();
      await admin.end().catch(() => {});
      await postgres.stop();
    },
  };
}

/** Who else is there: somebody whose connection must survive, somebody who listens, and whoever asks what has changed. */
async function bystanders(url: string) {
  const [victim, listener, checker] = [
    new pg.Client({ connectionString: url, application_name: "victim" }),
    new pg.Client(url),
    new pg.Client(url),
  ];
  for (const client of [victim, listener, checker]) {
    client.on("error", () => {});
    await client.connect();
  }
  listener.on("notification", ({ payload }) => {
    void checker.query("insert into notify_log (p) values ($1)", [payload]).catch(() => {});
  });
  await listener.query("listen c").catch(() => {});
  return {
    checker,
    close: async () => {
      await Promise.all([victim, listener, checker].map((client) => client.end().catch(() => {})));
    },
  };
}
