import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { copyFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { type Postgres, startPostgres } from "@mooring/testing";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { requestCancel } from "../../src/connection/cancel.ts";
import { connect } from "../../src/connection/connect.ts";
import { authority } from "./certificates.ts";
import { passage } from "./passage.ts";
import { configure } from "./server-files.ts";
import { settingsFrom, timeouts } from "./settings-from.ts";

const ours = authority();
const theirs = authority();
const fitting = ours.sign("localhost", "DNS:localhost,IP:127.0.0.1");
const elsewhere = ours.sign("elsewhere.example");
const person = ours.sign("person");

let server: Postgres;
let home: string;
beforeAll(async () => {
  server = await startPostgres();
  // Rules are for this role: the tests' own client goes on being let in.
  await query(server.url, "CREATE ROLE app LOGIN PASSWORD 'app-password'; CREATE ROLE person LOGIN");
  home = mkdtempSync(path.join(tmpdir(), "mooring-tls-"));
  mkdirSync(path.join(home, ".postgresql"));
  await copyFile(ours.root, path.join(home, ".postgresql/root.crt"));
});
afterAll(async () => {
  await server.stop();
  rmSync(home, { recursive: true });
  for (const each of [ours, theirs]) each[Symbol.dispose]();
});

/** `ssl` of the server, its certificate, and the lines of pg_hba.conf before the last that lets the tests' own client in. */
const serve = (certificate: typeof fitting | undefined, ...rules: string[]) =>
  configure(
    server.url,
    {
      ...(certificate && { "server.crt": certificate.text.crt, "server.key": certificate.text.key }),
      "root.crt": readFileSync(ours.root, "utf8"),
      "pg_hba.conf": [...rules, "host all all all scram-sha-256"].join("\n"),
    },
    { ssl: certificate ? "on" : "off", ssl_ca_file: "root.crt" },
  );

async function query(url: string, text: string) {
  const client = new pg.Client({ connectionString: url, ssl: false });
  await client.connect();
  try {
    return await client.query<Record<string, string>>(text);
  } finally {
    await client.end();
  }
}

/** `tls`, `plain`, or the code or words of what went wrong. */
async function outcome(parameters: Record<string, string>, env: NodeJS.ProcessEnv = {}): Promise<string> {
  const url = new URL(server.url);
  [url.username, url.password] = ["app", "app-password"];
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
  try {
    const settings = await settingsFrom({ ...env, DATABASE_URL: url.toString() });
    const { client, way } = await connect(settings, timeouts, AbortSignal.timeout(5_000));
    const { rows } = await client.query<{ ssl: boolean }>("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()");
    await client.end();
    expect(way.encryption).toBe(rows[0]?.ssl ? "on" : "off");
    return rows[0]?.ssl ? "tls" : "plain";
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    return code ?? message;
  }
}

const modes = ["disable", "allow", "prefer", "require", "verify-ca", "verify-full"] as const;
const each = async (parameters: Record<string, string> = {}) =>
  Object.fromEntries(
    await Promise.all(modes.map(async (sslmode) => [sslmode, await outcome({ sslmode, ...parameters })])),
  );

const missing = expect.stringContaining("needs the certificate of the authority") as string;
const noTls = "The server does not speak TLS, and sslmode asks for it.";
const wrongName = "ERR_TLS_CERT_ALTNAME_INVALID";
const otherAuthority = expect.stringMatching(
  /^(SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_VERIFY_LEAF_SIGNATURE|UNABLE_TO_GET_ISSUER_CERT_LOCALLY|CERT_SIGNATURE_FAILURE)$/,
) as string;

// One server, one configuration at a time.
describe("sslmode means what it means to libpq", () => {
  it("without TLS in the server", async () => {
    expect(await each({ sslrootcert: ours.root })).toEqual({
      disable: "plain",
      allow: "plain",
      prefer: "plain",
      require: noTls,
      "verify-ca": noTls,
      "verify-full": noTls,
    });
  });

  it("with a certificate that fits", async () => {
    await serve(fitting);
    const verified = { disable: "plain", allow: "plain", prefer: "tls", require: "tls" };
    expect(await each({ sslrootcert: ours.root })).toEqual({ ...verified, "verify-ca": "tls", "verify-full": "tls" });
    expect(await each()).toEqual({ ...verified, "verify-ca": missing, "verify-full": missing });
  });

  it("with the root certificate of another authority: what is there is checked in every mode, and prefer does without TLS", async () => {
    expect(await each({ sslrootcert: theirs.root })).toEqual({
      disable: "plain",
      allow: "plain",
      prefer: "plain",
      require: otherAuthority,
      "verify-ca": otherAuthority,
      "verify-full": otherAuthority,
    });
    expect(await outcome({ sslrootcert: "system" })).toEqual(otherAuthority);
  });

  it("finds ~/.postgresql/root.crt", async () => {
    expect(await outcome({ sslmode: "verify-full" }, { HOME: home })).toBe("tls");
  });

  it("with a certificate for another name", async () => {
    await serve(elsewhere);
    expect(await each({ sslrootcert: ours.root })).toEqual({
      disable: "plain",
      allow: "plain",
      prefer: "tls",
      require: "tls",
      "verify-ca": "tls",
      "verify-full": wrongName,
    });
    // The name is that of `host`, also where hostaddr says where to connect.
    const { port } = new URL(server.url);
    const named = { host: "elsewhere.example", hostaddr: "127.0.0.1", port };
    expect(await outcome({ sslmode: "verify-full", sslrootcert: ours.root, ...named })).toBe("tls");
  });

  it("where the server takes encrypted connections alone, or none of them", async () => {
    await serve(fitting, "hostnossl all app all reject");
    const encrypted = { require: "tls", "verify-ca": "tls", "verify-full": "tls" };
    expect(await each({ sslrootcert: ours.root })).toEqual({
      disable: "28000",
      allow: "tls",
      prefer: "tls",
      ...encrypted,
    });
    await serve(fitting, "hostssl all app all reject");
    const refused = { require: "28000", "verify-ca": "28000", "verify-full": "28000" };
    expect(await each({ sslrootcert: ours.root })).toEqual({
      disable: "plain",
      allow: "plain",
      prefer: "plain",
      ...refused,
    });
  });

  it("does not send a refused password once more without encryption", async () => {
    await serve(fitting);
    const { hostname, port } = new URL(server.url);
    await using way = await passage({ host: hostname, port: Number(port) });
    const wrong = { host: "127.0.0.1", port: String(way.port), password: "wrong" };
    expect(await outcome({ ...wrong, sslmode: "prefer" })).toBe("28P01");
    expect(way.beginnings).toEqual(["ssl"]);
  });

  it("logs in by the certificate of a person, and says that it is missing", async () => {
    await serve(fitting, "hostssl all person all cert");
    const as = { user: "person", sslmode: "verify-full", sslrootcert: ours.root };
    expect(await outcome({ ...as, sslcert: person.crt, sslkey: person.key })).toBe("tls");
    expect(await outcome(as)).toBe("28000");
    expect(await outcome({ ...as, sslcert: person.crt, sslkey: person.key, sslcertmode: "disable" })).toBe("28000");
    expect(await outcome({ ...as, sslcert: person.crt, sslkey: fitting.key })).toContain(
      "a key of another certificate",
    );
  });

  it("binds a login to its connection where that is asked for, and sends no password by a way that is not allowed", async () => {
    await serve(fitting, "host all person all trust", "hostnossl all app all password");
    const forbidden = "The server logs in by a method that require_auth or channel_binding forbids.";
    const bound = { channel_binding: "require" };
    expect(await outcome({ ...bound, sslmode: "require" })).toBe("tls");
    expect(await outcome({ ...bound, sslmode: "disable" })).toBe(forbidden);
    expect(await outcome({ ...bound, sslmode: "require", user: "person" })).toBe(forbidden);
    expect(await outcome({ require_auth: "scram-sha-256", sslmode: "require" })).toBe("tls");
    expect(await outcome({ require_auth: "scram-sha-256", sslmode: "disable" })).toBe(forbidden);
    expect(await outcome({ require_auth: "!password", sslmode: "disable" })).toBe(forbidden);
    expect(await outcome({ require_auth: "password", sslmode: "disable" })).toBe("plain");
    expect(await outcome({ require_auth: "scram-sha-256", sslmode: "require", user: "person" })).toBe(forbidden);
  });

  it("cancels through TLS", async () => {
    await serve(fitting);
    const { hostname, port } = new URL(server.url);
    await using way = await passage({ host: hostname, port: Number(port) });
    const url = `postgres://app:app-password@localhost:${way.port}/postgres?sslmode=verify-full&hostaddr=127.0.0.1`;
    const settings = await settingsFrom({ DATABASE_URL: url, HOME: home });
    const connected = await connect(settings, timeouts, AbortSignal.timeout(5_000));
    const sleeping = connected.client.query("SELECT pg_sleep(20)").catch((error: unknown) => error);
    await new Promise((resolve) => setTimeout(resolve, 100));
    await requestCancel(connected);
    expect(await sleeping).toMatchObject({ code: "57014" });
    await connected.client.end();
    // Both asked for TLS first, so no cancel key went over the wire as it is.
    expect(way.beginnings).toEqual(["ssl", "ssl"]);
  });

  it("says in time that a server does not know direct negotiation", async () => {
    const { rows } = await query(server.url, "SHOW server_version_num");
    const asked = await outcome({ sslmode: "require", sslnegotiation: "direct" });
    const knows = Number(Object.values(rows[0] ?? {})[0]) >= 170_000;
    expect(asked).toMatch(knows ? /^tls$/ : /^(ECONNRESET|EPROTO|ERR_SSL_\w+)$/);
  });
});
