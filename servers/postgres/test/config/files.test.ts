import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import fc from "fast-check";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { findPassword, type Login, passwordFromFile, standardPasswordFile } from "../../src/config/password-file.ts";
import { parseService, serviceParameters } from "../../src/config/service-file.ts";

const folder = mkdtempSync(path.join(tmpdir(), "mooring-config-"));
afterAll(() => rmSync(folder, { recursive: true }));

const login: Login = { host: "h", port: 5432, database: "d", user: "u" };

describe("password files", () => {
  it.each<[string, string | undefined]>([
    ["h:5432:d:u:secret", "secret"],
    ["*:*:*:*:secret", "secret"],
    ["other:*:*:*:a\nh:*:*:*:b\n*:*:*:*:c", "b"],
    ["# h:5432:d:u:no\n\nnonsense\nh:5432:d:u:yes\r\n", "yes"],
    ["h:5432:d:u:a\\:b\\\\c:d", "a:b\\c:d"],
    ["h:5432:d:v:no", undefined],
    ["h:5433:*:*:no", undefined],
    ["h:5432:d:u:", undefined],
    ["\\*:5432:d:u:no", undefined],
    ["", undefined],
  ])("%j gives %s", (text, expected) => expect(findPassword(text, login)).toBe(expected));

  it("calls the standard folder of sockets localhost, and another one by its name", () => {
    expect(findPassword("localhost:*:*:*:s", { ...login, host: "/var/run/postgresql" })).toBe("s");
    expect(findPassword("localhost:*:*:*:s", { ...login, host: "/srv/pg" })).toBeUndefined();
    expect(findPassword("/srv/pg:*:*:*:s", { ...login, host: "/srv/pg" })).toBe("s");
  });

  it("finds what was escaped", () => {
    const field = fc.string({ minLength: 1 }).filter((text) => !/[\r\n\u2028\u2029]/.test(text) && text !== "*");
    const escaped = (text: string) => text.replace(/[:\\]/g, "\\$&");
    fc.assert(
      fc.property(field, field, field, (database, user, password) => {
        fc.pre(!database.startsWith("#"));
        const text = `h:5432:${[database, user, password].map(escaped).join(":")}`;
        expect(findPassword(text, { ...login, database, user })).toBe(password);
      }),
    );
  });

  const warned = async (file: string) => {
    const warnings: string[] = [];
    const found = await passwordFromFile(file, login, { warn: (text) => void warnings.push(text) });
    return { found, warnings };
  };

  it("passes over a file that others may read, and one that is none, with a warning", async () => {
    const file = path.join(folder, "pgpass");
    writeFileSync(file, "h:5432:d:u:secret", { mode: 0o600 });
    expect(await warned(file)).toEqual({ found: "secret", warnings: [] });
    chmodSync(file, 0o640);
    expect(await warned(file)).toEqual({
      found: undefined,
      warnings: [expect.stringMatching(/others may read it; chmod 600/)],
    });
    expect(await warned(folder)).toEqual({ found: undefined, warnings: [expect.stringMatching(/no regular file/)] });
    expect(await warned(path.join(folder, "none"))).toEqual({ found: undefined, warnings: [] });
  });

  it("stands where libpq looks", () => {
    expect(standardPasswordFile("/home/ann", {}, "linux")).toBe("/home/ann/.pgpass");
    expect(standardPasswordFile("C:/ann", { APPDATA: "C:/data" }, "win32")).toMatch(
      /^C:\/data.postgresql.pgpass\.conf$/,
    );
  });
});

describe("service files", () => {
  const text = "# all\n[other]\nhost=no\n\n[sales]\n  host=db.example\nport=5433\nport=1\n\n[sales]\nuser=late\n";

  it("gives one section, of equal keys the first", () => {
    expect(parseService(text, "sales", "f")).toEqual(
      new Map([
        ["host", "db.example"],
        ["port", "5433"],
      ]),
    );
    expect(parseService(text, "none", "f")).toBeUndefined();
  });

  it.each([
    ["host", "f, line 2: expected name=value."],
    ["nonsense=1", 'f, line 2: libpq knows no parameter "nonsense".'],
    ["service=x", "f, line 2: a service cannot name another service."],
    ["ldap://h/x", "f, line 2: services from LDAP are not supported."],
  ])("%s is refused with its line", (line, problem) =>
    expect(() => parseService(`[a]\n${line}`, "a", "f")).toThrow(problem),
  );

  const home = path.join(folder, "home");
  const system = path.join(folder, "system");
  beforeEach(() => {
    for (const [place, name, host] of [
      [home, ".pg_service.conf", "own"],
      [system, "pg_service.conf", "all"],
    ] as const) {
      mkdirSync(place, { recursive: true });
      writeFileSync(path.join(place, name), `[${host}]\nhost=${host}\n[both]\nhost=${host}\n`);
    }
  });
  const found = async (name: string, file?: string) =>
    (await serviceParameters(name, { file, home, env: { PGSYSCONFDIR: system } })).get("host");

  it("looks into the person's file, then into the system's", async () => {
    expect([await found("own"), await found("all"), await found("both")]).toEqual(["own", "all", "own"]);
    expect(await found("all", path.join(home, ".pg_service.conf"))).toBe("all");
    await expect(found("none")).rejects.toThrow('The service "none": neither');
    await expect(found("own", path.join(folder, "nowhere"))).rejects.toThrow("neither");
    await expect(found("own", home)).rejects.toThrow(`${home}: the service file cannot be read (EISDIR)`);
  });
});
