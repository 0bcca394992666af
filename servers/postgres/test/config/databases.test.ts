import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir, userInfo } from "node:os";
import path from "node:path";
import { ToolError } from "@mooring/core";
import { afterAll, describe, expect, it, test } from "vitest";
import { databaseNames, notConfigured, resolveDatabases } from "../../src/config/databases.ts";
import { options } from "../../src/options.ts";
import { configOf, hostOf, settingsFrom } from "../connection/settings-from.ts";

const home = mkdtempSync(path.join(tmpdir(), "mooring-home-"));
afterAll(() => rmSync(home, { recursive: true }));

const refusal = (env: NodeJS.ProcessEnv) =>
  settingsFrom(env).then(
    () => "taken",
    (error: unknown) => (error instanceof ToolError ? error.message : String(error)),
  );

const resolved = (env: NodeJS.ProcessEnv, config: Record<string, unknown> = {}) => {
  const { host, ...rest } = hostOf(env);
  return { databases: resolveDatabases(configOf(host, config), host), ...rest };
};

describe("which databases there are", () => {
  it.each<[NodeJS.ProcessEnv, boolean]>([
    [{}, false],
    [{ DATABASE_URL: "" }, false],
    [{ PGPORT: "5433", PGSSLMODE: "require", PGHOST: "" }, false],
    [{ DATABASE_URL: "postgres://h" }, true],
    [{ DATABASE_URL_FILE: "/nowhere" }, true],
    [{ DATABASE_URL_COMMAND: "false" }, true],
    [{ DATABASE_URL: "${DATABASE_URL}" }, true],
    [{ PGHOST: "h" }, true],
    [{ PGHOSTADDR: "::1" }, true],
    [{ PGSERVICE: "s" }, true],
    [{ PGDATABASE: "d" }, true],
    [{ PGUSER: "u" }, true],
  ])("%j: configured %s", (env, configured) => {
    expect(resolved(env).databases.map(({ name, configured: found }) => [name, found])).toEqual([
      ["default", configured],
    ]);
  });

  it("has those of the file by name, each with what it restricts", () => {
    const entry = { denySchemas: ["x"], mask: ["a.b.c"] };
    const { databases } = resolved(
      { DATABASE_URL: "postgres://unused" },
      { databases: { sales: { ...entry, schemas: ["s"] }, logs: {} }, schemas: ["all"], denySchemas: ["y", "x"] },
    );
    expect(databases.map(({ name, policy }) => [name, policy])).toEqual([
      ["sales", { schemas: ["s"], denySchemas: ["y", "x"], mask: ["a.b.c"], allowFunctions: [] }],
      ["logs", { schemas: ["all"], denySchemas: ["y", "x"], mask: [], allowFunctions: [] }],
    ]);
    expect(databaseNames({ databases: { a: {}, b: {} } as never })).toEqual(["a", "b"]);
    expect(databaseNames({ databases: {} })).toEqual(["default"]);
  });

  it("connects by the entry's own url and password, not by DATABASE_URL", async () => {
    const { databases, secrets } = resolved(
      { DATABASE_URL: "postgres://unused", PGPASSWORD: "of-all" },
      {
        databases: {
          a: { url: "postgres://u@h/d", password: "of-a" },
          b: { url: "postgres://v:of-url@i", password: "no" },
          c: { url: "host=j" },
        },
      },
    );
    const all = await Promise.all(databases.map(({ settings }) => settings(AbortSignal.timeout(1_000))));
    expect(all.map(({ addresses }) => addresses[0].host)).toEqual(["h", "i", "j"]);
    expect(await Promise.all(all.map((each) => each.password(each.addresses[0])))).toEqual([
      "of-a",
      "of-url",
      "of-all",
    ]);
    expect(secrets).toEqual(expect.arrayContaining(["of-a", "of-url", "of-all"]));
  });

  it("refuses names and members that are none", () => {
    const taken = (option: "databases" | "ssh", values: readonly unknown[]) =>
      values.filter((value) => options[option].schema.safeParse(value).success);
    expect(taken("databases", [{ "a b": {} }, { a: { urll: "x" } }, { a: { ssh: "-oProxyCommand=x" } }])).toEqual([]);
    expect(taken("databases", [{ a: { pooler: "maybe" } }])).toEqual([]);
    expect(taken("ssh", ["-h", "a b", "a;b", "$(x)", "u@-h", "-u@h", "h:", "h:x", "", "h\n-x"])).toEqual([]);
    const good = ["h", "u@h.example:22", "[::1]:22"];
    expect(taken("ssh", good)).toEqual(good);
  });

  it("says how to configure one where there is none", () => {
    expect(notConfigured()).toMatchObject({
      kind: "unavailable",
      hint: expect.stringMatching(/DATABASE_URL.*PGHOST.*--demo/),
    });
  });
});

describe("what counts: connection string, service, variables, defaults", () => {
  it("takes each from the first that has it", async () => {
    writeFileSync(path.join(home, ".pg_service.conf"), "[s]\nuser=of-service\nport=1\ndbname=of-service\n");
    const env = { HOME: home, PGUSER: "of-env", PGPORT: "2", PGDATABASE: "of-env", PGAPPNAME: "app", PGHOST: "h" };
    expect(await settingsFrom({ ...env, DATABASE_URL: "postgres://of-url@/?service=s" })).toMatchObject({
      addresses: [{ host: "h", port: 1 }],
      user: "of-url",
      database: "of-service",
      applicationName: "app",
    });
    expect(await settingsFrom({ ...env, PGSERVICE: "s" })).toMatchObject({ user: "of-service" });
    expect(await settingsFrom(env)).toMatchObject({
      addresses: [{ host: "h", port: 2 }],
      user: "of-env",
      database: "of-env",
    });
  });

  it("falls back on libpq's defaults", async () => {
    expect(await settingsFrom({ PGHOST: "h" })).toMatchObject({
      addresses: [{ host: "h", port: 5432 }],
      user: userInfo().username,
      database: userInfo().username,
      target: "any",
      options: "",
      ssl: { mode: "prefer", direct: false, options: { rejectUnauthorized: false } },
      applicationName: "mooring-postgres",
      connectTimeout: 10_000,
      pooler: false,
      poolerSeen: { value: false },
    });
    const [{ host }] = (await settingsFrom({ PGUSER: "u", PGPORT: "59999" })).addresses;
    expect(host).toBe("localhost");
  });

  it("looks for a socket of this machine where no host is said, and not through a tunnel", async () => {
    const socket = "/tmp/.s.PGSQL.59998";
    writeFileSync(socket, "");
    try {
      const env = { PGUSER: "u", PGPORT: "59998" };
      expect((await settingsFrom(env)).addresses).toEqual([{ host: "/tmp", port: 59_998 }]);
      expect((await settingsFrom(env, { ssh: "h" })).addresses).toEqual([{ host: "localhost", port: 59_998 }]);
    } finally {
      rmSync(socket);
    }
  });

  it("reads a password from the string, PGPASSWORD and its kin, then .pgpass", async () => {
    writeFileSync(path.join(home, ".pgpass"), "h:*:d:u:of-file\n", { mode: 0o600 });
    const password = async (env: NodeJS.ProcessEnv) => {
      const settings = await settingsFrom({ HOME: home, PGDATABASE: "d", PGUSER: "u", ...env });
      return settings.password(settings.addresses[0]);
    };
    expect(await password({ DATABASE_URL: "postgres://u:of-url@h", PGPASSWORD: "of-env" })).toBe("of-url");
    expect(await password({ PGHOST: "h", PGPASSWORD: "of-env" })).toBe("of-env");
    expect(await password({ PGHOST: "h", PGPASSWORD: "" })).toBe("of-file");
    expect(await password({ PGHOST: "i" })).toBeUndefined();
    expect(await password({ PGHOST: "h", PGPASSWORD_COMMAND: "echo of-command" })).toBe("of-command");
    const file = path.join(home, "other");
    writeFileSync(file, "*:*:*:*:of-other", { mode: 0o600 });
    expect(await password({ PGHOST: "i", PGPASSFILE: file })).toBe("of-other");
    await expect(password({ PGHOST: "h", PGPASSWORD: "${PGPASSWORD}" })).rejects.toThrow("the host did not expand it");
  });

  it("asks a refused command again, once, for the password or the whole string", async () => {
    const count = path.join(home, "count");
    const script = path.join(home, "token");
    writeFileSync(script, `#!/bin/sh\necho x >> ${count}\necho "$1$(wc -l < ${count})$2"\n`, { mode: 0o700 });
    for (const env of [
      { PGHOST: "h", PGPASSWORD_COMMAND: `${script} token-` },
      { DATABASE_URL_COMMAND: `${script} postgres://u:token- @h` },
    ]) {
      rmSync(count, { force: true });
      const settings = await settingsFrom(env);
      const ask = () => settings.password(settings.addresses[0]);
      expect([await ask(), await ask()]).toEqual(["token-1", "token-1"]);
      await settings.refused?.("another");
      expect(await ask()).toBe("token-1");
      await settings.refused?.("token-1");
      expect(await ask()).toBe("token-2");
    }
  });

  it.each<[NodeJS.ProcessEnv, object[]]>([
    [
      { DATABASE_URL: "postgres://a:1,b:2,[::1]/" },
      [
        { host: "a", port: 1 },
        { host: "b", port: 2 },
        { host: "::1", port: 5432 },
      ],
    ],
    [
      { PGHOST: "a,b", PGPORT: "7" },
      [
        { host: "a", port: 7 },
        { host: "b", port: 7 },
      ],
    ],
    [
      { PGHOST: "a,b", PGHOSTADDR: "10.0.0.1,10.0.0.2" },
      [
        { host: "a", port: 5432, hostaddr: "10.0.0.1" },
        { host: "b", port: 5432, hostaddr: "10.0.0.2" },
      ],
    ],
    [{ PGHOSTADDR: "10.0.0.1" }, [{ host: "10.0.0.1", port: 5432 }]],
    [{ PGHOST: "/var/run/x" }, [{ host: "/var/run/x", port: 5432 }]],
  ])("%j gives its addresses", async (env, addresses) =>
    expect((await settingsFrom(env)).addresses).toEqual(addresses),
  );

  it("passes on options, and what variables say of the session", async () => {
    const { options: found } = await settingsFrom({ PGHOST: "h", PGOPTIONS: "-c geqo=off", PGTZ: "a b\\c" });
    expect(found).toBe("-c geqo=off -c TimeZone=a\\ b\\\\c");
  });

  it.each<[string, number]>([
    ["0", 0],
    ["-1", 0],
    ["3", 3_000],
  ])("connect_timeout %s is %i ms", async (text, ms) =>
    expect((await settingsFrom({ PGHOST: "h", PGCONNECT_TIMEOUT: text })).connectTimeout).toBe(ms),
  );

  it("shuffles addresses where that is asked for", async () => {
    const env = { PGHOST: Array.from({ length: 30 }, (_, i) => `h${i}`).join(","), PGLOADBALANCEHOSTS: "random" };
    const hosts = (await settingsFrom(env)).addresses.map(({ host }) => host);
    expect(hosts.toSorted()).toEqual(env.PGHOST.split(",").toSorted());
    expect(hosts.join(",")).not.toBe(env.PGHOST);
  });

  it.each<[Record<string, unknown>, object]>([
    [{ pooler: "on" }, { pooler: true }],
    [{ pooler: "off" }, { pooler: false }],
    [{ ssh: "u@h" }, { stream: expect.any(Function) as unknown }],
  ])("%j", async (config, expected) => {
    const settings = await settingsFrom({ PGHOST: "h" }, config);
    expect(settings).toMatchObject(expected);
    expect("poolerSeen" in settings).toBe(!("pooler" in config));
  });
});

describe("every problem names its setting", () => {
  it.each<[NodeJS.ProcessEnv, string]>([
    [{ PGHOST: "h", PGPORT: "x" }, "PGPORT: a port is no number from 1 to 65535."],
    [{ PGHOST: "h", PGPORT: "65536" }, "PGPORT: a port is no number from 1 to 65535."],
    [{ PGHOST: "a,b", PGPORT: "1,2,3" }, "PGPORT: 3 ports and 2 hosts do not fit together."],
    [{ PGHOST: "a,b", PGHOSTADDR: "::1" }, "PGHOST: 2 hosts and 1 values of hostaddr do not fit together."],
    [
      { DATABASE_URL: "postgres://h?sslmode=secret" },
      "sslmode in DATABASE_URL: expected one of disable, allow, prefer, require, verify-ca, verify-full.",
    ],
    [
      { PGHOST: "h", PGTARGETSESSIONATTRS: "x" },
      "PGTARGETSESSIONATTRS: expected one of any, read-write, read-only, primary, standby, prefer-standby.",
    ],
    [{ PGHOST: "h", PGCONNECT_TIMEOUT: "1s" }, "PGCONNECT_TIMEOUT: expected seconds."],
    [{ PGHOST: "${PGHOST}" }, "PGHOST: it is literally ${PGHOST}: the host did not expand it."],
    [{ DATABASE_URL: "${DB}", PGHOST: "h" }, "DATABASE_URL is literally ${DB}: the host did not expand it."],
    [{ PGHOST: "h", PGREQUIREPEER: "x" }, "PGREQUIREPEER: it is not supported here: leave it out."],
    [
      { PGHOST: "h", PGGSSENCMODE: "require" },
      "PGGSSENCMODE: encryption by GSSAPI is not supported here; TLS is (sslmode).",
    ],
    [
      { DATABASE_URL: "host=h replication=database" },
      "replication in DATABASE_URL: replication connections are of no use here: leave it out.",
    ],
    [
      { PGHOST: "h", PGMINPROTOCOLVERSION: "3.2" },
      "PGMINPROTOCOLVERSION: only protocol 3.0 is spoken here: leave it out.",
    ],
    [
      { PGHOST: "h", PGREQUIREAUTH: "md5,!scram-sha-256" },
      "PGREQUIREAUTH: names with ! and names without do not go together.",
    ],
    [
      { PGHOST: "h", PGREQUIREAUTH: "kerberos" },
      "PGREQUIREAUTH: expected names of password, md5, scram-sha-256, none, gss, sspi, oauth.",
    ],
    [
      { PGHOST: "h", PGSSLMODE: "verify-ca" },
      "PGSSLMODE: verify-ca needs the certificate of the authority: in /nonexistent/.postgresql/root.crt, in sslrootcert=FILE, or sslrootcert=system.",
    ],
    [
      { PGHOST: "h", PGSSLROOTCERT: "system", PGSSLMODE: "require" },
      "PGSSLMODE: with sslrootcert=system only verify-full is of use.",
    ],
    [
      { PGHOST: "h", PGSSLNEGOTIATION: "direct" },
      "PGSSLMODE: sslnegotiation=direct needs require, verify-ca or verify-full.",
    ],
    [{ PGHOST: "h", PGSSLMODE: "require", PGSSLROOTCERT: "/no/ca" }, "PGSSLROOTCERT: the file /no/ca is not there."],
    [{ PGHOST: "h", PGSSLCERT: "/no/crt" }, "PGSSLCERT: the file /no/crt is not there."],
    [{ PGHOST: "h", PGSSLCERTMODE: "require" }, "PGSSLCERTMODE: require is not supported here: leave it out."],
  ])("%j", async (env, problem) => expect(await refusal(env)).toBe(problem));

  it("says what is wrong with a client's key", async () => {
    const folder = path.join(home, ".postgresql");
    mkdirSync(folder);
    writeFileSync(path.join(folder, "postgresql.crt"), "no certificate");
    expect(await refusal({ HOME: home, PGHOST: "h" })).toBe(
      `PGSSLKEY: the file ${folder}/postgresql.key is not there.`,
    );
    writeFileSync(path.join(folder, "postgresql.key"), "no key");
    chmodSync(path.join(folder, "postgresql.key"), 0o644);
    expect(await refusal({ HOME: home, PGHOST: "h" })).toMatch(/^PGSSLKEY: others may read the key/);
    chmodSync(path.join(folder, "postgresql.key"), 0o600);
    expect(await refusal({ HOME: home, PGHOST: "h" })).toMatch(/^PGSSLCERT: the certificates cannot be used \(/);
    rmSync(folder, { recursive: true });
  });
});

test("require_auth and channel_binding limit how to log in", async () => {
  const methods = async (text: string) =>
    (await settingsFrom({ PGHOST: "h", PGREQUIREAUTH: text })).authentication?.methods;
  expect(await methods("scram-sha-256")).toEqual(["scram-sha-256"]);
  expect(await methods("!password,!md5")).toEqual(["scram-sha-256", "none"]);
  expect(await settingsFrom({ PGHOST: "h", PGCHANNELBINDING: "require" })).toMatchObject({
    authentication: { channelBinding: true },
  });
});

test("sslrootcert=system makes verify-full of the default", async () => {
  expect((await settingsFrom({ PGHOST: "h", PGSSLROOTCERT: "system" })).ssl).toMatchObject({
    mode: "verify-full",
    options: { rejectUnauthorized: true },
  });
});
