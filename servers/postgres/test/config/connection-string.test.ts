import { ToolError } from "@mooring/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseConnectionString } from "../../src/config/connection-string.ts";

const parsed = (text: string) => Object.fromEntries(parseConnectionString(text, "DATABASE_URL"));

function refusal(text: string): string {
  try {
    parseConnectionString(text, "DATABASE_URL");
  } catch (error) {
    if (error instanceof ToolError) return `${error.message} ${error.hint}`;
    throw error;
  }
  return "taken";
}

describe("URLs, as libpq reads them", () => {
  // Most of these are of PostgreSQL's own tests (src/interfaces/libpq/t/001_uri.pl).
  it.each<[string, Record<string, string>]>([
    [
      "postgresql://uri-user:secret@host:12345/db",
      { user: "uri-user", password: "secret", host: "host", port: "12345", dbname: "db" },
    ],
    ["postgres://uri-user@host:12345/", { user: "uri-user", host: "host", port: "12345" }],
    ["postgresql://uri-user@", { user: "uri-user" }],
    ["postgresql://host", { host: "host" }],
    ["postgresql://", {}],
    ["postgresql:///db?user=u&host=/var/run", { dbname: "db", user: "u", host: "/var/run" }],
    ["postgresql://%2Fvar%2Frun/db", { host: "/var/run", dbname: "db" }],
    ["postgresql://h1:1,[::1]:2,h3/db", { host: "h1,::1,h3", port: "1,2,", dbname: "db" }],
    ["postgresql://[2001:db8::1]/db", { host: "2001:db8::1", dbname: "db" }],
    ["postgresql://u:p%40ss%3A%2F@h/d%20b", { user: "u", password: "p@ss:/", host: "h", dbname: "d b" }],
    ["postgresql://u:a:b?c@h", { user: "u", password: "a:b?c", host: "h" }],
    ["postgresql://h?sslmode=verify-full&ssl=true", { host: "h", sslmode: "require" }],
    ["postgresql://h/db?dbname=other", { host: "h", dbname: "other" }],
    ["postgresql://h?options=-c%20geqo%3Doff", { host: "h", options: "-c geqo=off" }],
    ["  postgres://h?channel_binding=require\n", { host: "h", channel_binding: "require" }],
  ])("%s", (text, expected) => expect(parsed(text)).toEqual(expected));

  it.each([
    "postgresql://h:port/db",
    "postgresql://[::1/db",
    "postgresql://[]:1/db",
    "postgresql://[::1]x/db",
    "postgresql://h?x",
    "postgresql://h?user=a=b",
    "postgresql://%zz@h",
    "postgresql://%00@h",
    "postgresql://%E4@h",
    "postgresql://h?nonsense=1",
    "postgresql://h?requirepeer=root",
  ])("%s is refused, naming the setting", (text) => expect(refusal(text)).toMatch(/^DATABASE_URL: /));

  it("names a parameter that libpq does not know, and what stands for it", () => {
    expect(refusal("postgres://h?sslmod=require")).toContain('no parameter "sslmod" (did you mean "sslmode"?)');
    expect(refusal("postgres://h?pgbouncer=true")).toContain("--pooler on");
  });

  // A password that was not escaped ends up anywhere.
  it.each([
    "postgres://u:hunter2/x@h/db",
    "postgres://u:1234/hunter2@h/db",
    "postgres://u:1234/hunter?hunter2=x@h/db",
    "postgres://u:1234/x?hunter=x@h",
    "postgres://u:1234/x?hunter@h",
    "postgres://u:pa@hunter2@h/db",
    "postgres://u:pa%hunter2@h/db",
    "postgres://hunter2:hunter2:hunter2",
    "password=x hunter2",
    "password=x hunter2=1",
    "password=x hunter=1",
    "password='hunter2",
    "hunter2",
    "mysql://root:hunter2@h",
  ])("%s is refused without a word of it", (text) => {
    expect(refusal(text)).toMatch(/^DATABASE_URL: /);
    expect(refusal(text)).not.toContain("hunter");
  });

  it("takes back what it is given, percent-encoded", () => {
    const text = fc.string({ unit: "binary", minLength: 1 }).filter((value) => !value.includes("\0"));
    fc.assert(
      fc.property(text, text, text, fc.nat(65_535), (user, password, dbname, port) => {
        const [u, p, d] = [user, password, dbname].map(encodeURIComponent);
        const found = parsed(`postgres://${u}:${p}@h:${port}/${d}`);
        expect(found).toEqual({ user, password, host: "h", port: String(port), dbname });
      }),
    );
  });
});

describe("name=value pairs, as libpq reads them", () => {
  it.each<[string, Record<string, string>]>([
    ["host=localhost port=5432", { host: "localhost", port: "5432" }],
    ["host = 'a b'  dbname=it\\'s", { host: "a b", dbname: "it's" }],
    ["password='\\'\\\\' user=a'b", { password: "'\\", user: "a'b" }],
    ["user='' host=h", { user: "", host: "h" }],
    ["user= host=h", { user: "host=h" }],
    ["host=a host=b", { host: "b" }],
    ["password=a\\ b", { password: "a b" }],
    ["", {}],
  ])("%s", (text, expected) => expect(parsed(text)).toEqual(expected));

  it.each(["host", "host=a port", "=a", "host='a", "nonsense=1", "host=a\\"])("%s is refused", (text) =>
    expect(refusal(text)).toMatch(/^DATABASE_URL: /),
  );

  it("takes back what it is given, quoted", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), fc.string({ unit: "binary" }), (user, password) => {
        const quoted = (value: string) => `'${value.replace(/['\\]/g, "\\$&")}'`;
        expect(parsed(`user=${quoted(user)} password = ${quoted(password)}`)).toEqual({ user, password });
      }),
    );
  });
});

it("answers any text with parameters or a refusal, never with anything else", () => {
  const piece = fc.oneof(
    fc.string(),
    fc.constantFrom(
      "postgres://",
      "@",
      ":",
      "/",
      "?",
      "&",
      "=",
      "[",
      "]",
      ",",
      "%",
      "%41",
      "'",
      "\\",
      "user",
      "password",
      " ",
    ),
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
      expect(refusal(pieces.join(""))).toMatch(/^(taken$|DATABASE_URL: )/);
    }),
    { numRuns: 2_000 },
  );
});
