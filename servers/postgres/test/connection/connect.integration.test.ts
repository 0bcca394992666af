import { randomBytes } from "node:crypto";
import { rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { type Postgres, startPostgres } from "@mooring/testing";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { connect } from "../../src/connection/connect.ts";
import { deadPort, listening } from "./listening.ts";
import { configure } from "./server-files.ts";
import { settingsFrom, timeouts } from "./settings-from.ts";

let server: Postgres;
let port: number;
beforeAll(async () => {
  server = await startPostgres();
  port = Number(new URL(server.url).port);
});
afterAll(() => server.stop());

const base = { PGHOST: "127.0.0.1", PGUSER: "test", PGPASSWORD: "test", PGDATABASE: "postgres" };

async function connected(env: NodeJS.ProcessEnv, config: Record<string, unknown> = {}) {
  const result = await connect(
    await settingsFrom({ PGPORT: String(port), ...base, ...env }, config),
    timeouts,
    AbortSignal.timeout(8_000),
  );
  return { ...result, [Symbol.asyncDispose]: () => result.client.end() };
}

const failure = (env: NodeJS.ProcessEnv, config: Record<string, unknown> = {}) =>
  connected(env, config).then(
    async (opened) => {
      await opened.client.end();
      return "connected";
    },
    ({ code, message }: NodeJS.ErrnoException) => code ?? message,
  );

async function show(client: pg.Client, ...names: string[]): Promise<string[]> {
  const { rows } = await client.query<{ setting: string }>(
    "SELECT current_setting(name) AS setting FROM unnest($1::text[]) AS name",
    [names],
  );
  return rows.map(({ setting }) => setting);
}

describe("the session", () => {
  it("reads only, and ends what takes too long, whatever the person's own options say", async () => {
    await using opened = await connected({ PGOPTIONS: "-c default_transaction_read_only=off -c work_mem=5MB" });
    expect(
      await show(
        opened.client,
        "default_transaction_read_only",
        "statement_timeout",
        "lock_timeout",
        "idle_in_transaction_session_timeout",
        "standard_conforming_strings",
        "client_encoding",
        "work_mem",
        "application_name",
      ),
    ).toEqual(["on", "30s", "2s", "1min", "on", "UTF8", "5MB", "mooring-postgres"]);
    expect(opened).toMatchObject({ pooler: false, way: { encryption: "off" } });
  });

  it("takes nothing from the process's own variables that the settings do not have", async () => {
    const own = {
      PGOPTIONS: "-c work_mem=7MB",
      PGAPPNAME: "process",
      PGREPLICATION: "database",
      PGSSLNEGOTIATION: "direct",
      PGPASSWORD: "wrong",
    };
    const before = Object.fromEntries(Object.keys(own).map((name) => [name, process.env[name]]));
    Object.assign(process.env, own);
    try {
      await using opened = await connected({}, { pooler: "on" });
      expect(await show(opened.client, "work_mem", "application_name")).toEqual(["4MB", "mooring-postgres"]);
    } finally {
      for (const [name, value] of Object.entries(before))
        if (value === undefined) delete process.env[name];
        else process.env[name] = value;
    }
  });

  it("leaves options out behind a pooler", async () => {
    await using opened = await connected({}, { pooler: "on" });
    expect(await show(opened.client, "default_transaction_read_only", "statement_timeout")).toEqual(["off", "0"]);
    expect(opened.pooler).toBe(true);
  });
});

describe("passwords", () => {
  it("says nothing of a wrong one", async () => {
    const error = (await connected({ PGPASSWORD: "hunter2-wrong" }).catch((cause: unknown) => cause)) as Error;
    expect(error).toMatchObject({ code: "28P01" });
    expect(`${error.message}${error.stack}${JSON.stringify(error)}`).not.toContain("hunter2");
  });

  it("asks the person for one where the server does", async () => {
    expect(await failure({ PGPASSWORD: "" })).toBe("The database asks for a password, and none is configured.");
  });

  it("asks a command once more after a refusal, and no more", async () => {
    const script = path.join(tmpdir(), `mooring-token-${randomBytes(6).toString("hex")}`);
    const count = `${script}.count`;
    try {
      writeFileSync(
        script,
        `#!/bin/sh\necho x >> ${count}\n[ $(wc -l < ${count}) -ge "$1" ] && echo test || echo wrong-$(wc -l < ${count})\n`,
        { mode: 0o700 },
      );
      expect(await failure({ PGPASSWORD: "", PGPASSWORD_COMMAND: `${script} 2` })).toBe("connected");
      rmSync(count);
      expect(await failure({ PGPASSWORD: "", PGPASSWORD_COMMAND: `${script} 3` })).toBe("28P01");
    } finally {
      for (const file of [script, count]) rmSync(file, { force: true });
    }
  });

  it("does not count the time of a command as the server's", async () => {
    const slow = { PGPASSWORD: "", PGPASSWORD_COMMAND: "sh -c 'sleep 1.3; echo test'" };
    expect(await failure({ ...slow, PGCONNECT_TIMEOUT: "1" })).toBe("connected");
  });

  it("runs no command where nobody asks for a password", async () => {
    await configure(server.url, {
      "pg_hba.conf": "local all all scram-sha-256\nhost postgres trusted all trust\nhost all all all scram-sha-256",
    });
    const admin = new pg.Client(server.url);
    await admin.connect();
    await admin.query("CREATE ROLE trusted LOGIN");
    await admin.end();
    expect(await failure({ PGUSER: "trusted", PGPASSWORD: "", PGPASSWORD_COMMAND: "false" })).toBe("connected");
  });
});

describe("addresses", () => {
  it("passes over one that is dead, and one that does not answer", async () => {
    await using silent = await listening(() => {});
    const ports = [await deadPort(), silent.port, port];
    await using opened = await connected({
      PGHOST: "127.0.0.1,127.0.0.1,127.0.0.1",
      PGPORT: ports.join(","),
      PGCONNECT_TIMEOUT: "1",
      PGSSLMODE: "disable",
    });
    expect(opened.address.port).toBe(port);
  });

  it("ends the search where a login is refused", async () => {
    const hosts = { PGHOST: "127.0.0.1,127.0.0.1", PGPORT: `${port},${await deadPort()}` };
    expect(await failure({ ...hosts, PGDATABASE: "nowhere" })).toBe("3D000");
  });

  it("says what each failure is", async () => {
    expect(await failure({ PGPORT: String(await deadPort()) })).toBe("ECONNREFUSED");
    expect(await failure({ PGHOST: "host.invalid" })).toMatch(/^(ENOTFOUND|EAI_AGAIN)$/);
    expect(await failure({ PGHOST: "/nonexistent" })).toBe("ENOENT");
    await using web = await listening((socket) => socket.end("HTTP/1.1 400 Bad Request\r\n\r\n"));
    expect(await failure({ PGPORT: String(web.port) })).toBe("What listens there does not answer as PostgreSQL does.");
  });

  // https://www.postgresql.org/support/security/CVE-2021-23222/
  it.each(["SELECT", "N is what it says"])(
    "believes nothing that comes unencrypted behind the answer about TLS: %s",
    async (answer) => {
      await using other = await listening((socket) => socket.once("data", () => socket.write(answer)));
      const why = "What listens there does not answer as PostgreSQL does.";
      expect(await failure({ PGPORT: String(other.port) })).toBe(why);
    },
  );

  it("gives up on a server that never answers, and when the caller leaves", async () => {
    await using silent = await listening(() => {});
    const there = { PGPORT: String(silent.port) };
    expect(await failure({ ...there, PGCONNECT_TIMEOUT: "1" })).toBe("ETIMEDOUT");
    expect(await failure({ ...there, PGCONNECT_TIMEOUT: "1", PGSSLMODE: "disable" })).toBe("ETIMEDOUT");
    const settings = await settingsFrom({ ...base, ...there });
    const leaving = AbortSignal.timeout(100);
    const left: unknown = await connect(settings, timeouts, leaving).catch((error: unknown) => error);
    expect(left).toBe(leaving.reason);
    await expect(connect(settings, timeouts, AbortSignal.abort("gone"))).rejects.toBe("gone");
  });

  it("reaches a socket of this machine, without encryption in any mode", async () => {
    const { rows } = await query("SHOW unix_socket_directories");
    const folder = String(Object.values(rows[0] ?? {})[0]).split(",")[0] ?? "";
    // In a container the folder is not ours.
    const reachable = server.mode === "process";
    expect(await failure({ PGHOST: folder, PGSSLMODE: "verify-full", PGSSLROOTCERT: "system" })).toMatch(
      reachable ? /^connected$/ : /^E/,
    );
  });
});

describe("target_session_attrs", () => {
  let standby: Postgres;
  // Nothing but what it says of itself makes a server read-only for a client that looks for one that is not.
  beforeAll(async () => {
    standby = await startPostgres();
    // Not in its settings: a container could not be filled.
    const admin = new pg.Client(standby.url);
    await admin.connect();
    await admin.query("ALTER SYSTEM SET default_transaction_read_only = on");
    await admin.query("SELECT pg_reload_conf()");
    await admin.end();
  });
  afterAll(() => standby.stop());

  it.each([
    ["any", "first"],
    ["read-write", "second"],
    ["read-only", "first"],
    ["primary", "first"],
    ["prefer-standby", "first"],
    ["standby", "None of the 2 servers is what target_session_attrs=standby asks for."],
  ])("%s", async (target, expected) => {
    const first = Number(new URL(standby.url).port);
    const env = { PGHOST: "127.0.0.1,127.0.0.1", PGPORT: `${first},${port}`, PGTARGETSESSIONATTRS: target };
    const found = await connected(env).then(
      async ({ client, address }) => {
        // Whatever was looked for: this session reads only.
        expect(await show(client, "default_transaction_read_only")).toEqual(["on"]);
        await client.end();
        return address.port === first ? "first" : "second";
      },
      ({ message }: Error) => message,
    );
    expect(found).toBe(expected);
  });
});

async function query(text: string) {
  const client = new pg.Client(server.url);
  await client.connect();
  try {
    return await client.query<Record<string, string>>(text);
  } finally {
    await client.end();
  }
}
