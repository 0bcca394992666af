import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { connectStdio } from "@mooring/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { sample } from "./sample.ts";

const dist = fileURLToPath(new URL("../dist/", import.meta.url));
const bin = join(dist, "bin.js");

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "bin-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

function run(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [bin, ...args], {
    encoding: "utf8",
    env: { PATH: process.env["PATH"] ?? "", HOME: folder, ...env },
    input: "",
  });
  return { status, stdout, stderr };
}

function configured(config: object): string {
  const file = join(folder, `${Math.random()}.json`);
  writeFileSync(file, JSON.stringify(config));
  return file;
}

test.for(["2025", "2026"] as const)("the built program serves (era %s)", async (era) => {
  await using started = await sample.start("");
  await using session = await connectStdio(process.execPath, [bin, ...started.args], { era, env: started.env });
  const { content } = await session.call(sample.call.tool, sample.call.arguments);
  expect(JSON.stringify(content)).toContain(sample.call.contains);
  expect(session.stderr()).toBe("");
});

test("it starts without a database, lists every tool, and a call says what to set", async () => {
  await using session = await connectStdio(process.execPath, [bin, "--access", "full"]);
  expect((await session.client.listTools()).tools).toHaveLength(7);
  for (const [name, args] of [
    ["query", { sql: "SELECT 1" }],
    ["schema", {}],
    ["explain", { sql: "SELECT 1" }],
    ["advise", { target: "workload" }],
    ["health", {}],
    ["write", { sql: "DELETE FROM items" }],
    ["migrate", { sql: "DROP TABLE items" }],
  ] as const) {
    const { isError, content } = await session.call(name, args);
    expect([isError, JSON.stringify(content)]).toEqual([true, expect.stringMatching(/DATABASE_URL.*--demo/)]);
  }
});

test("a database that cannot be reached is an error that names neither user nor password nor place", async () => {
  const env = { DATABASE_URL: "postgres://keeper:open-sesame@127.0.0.1:1/stock" };
  await using session = await connectStdio(process.execPath, [bin], { env });
  const { isError, content } = await session.call("query", { sql: "SELECT 1" });
  expect([isError, JSON.stringify(content)]).toEqual([true, expect.stringContaining("Nothing listens")]);
  expect(JSON.stringify(content) + session.stderr()).not.toMatch(/keeper|open-sesame|127\.0\.0\.1|stock/);
});

describe("problems are said before anything is served", () => {
  test.for([
    [["--statement-timeout", "nonsense"], /--statement-timeout/],
    [["--pooler", "maybe"], /--pooler/],
    [["--read-only"], /Unknown option --read-only/],
    [["--acess", "full"], /--access/],
    [["postgres://keeper:open-sesame@db/stock"], /is not expected/],
  ] as const)("%j", ([args, message]) => {
    const { status, stdout, stderr } = run(args);
    expect([status, stdout]).toEqual([2, ""]);
    expect(stderr).toMatch(message);
    expect(stderr).not.toMatch(/\n\s+at |open-sesame/);
  });

  test.for([
    [{ description: "d", sql: "DELETE FROM items" }, /queries\.own: DELETE is not reading/],
    [{ description: "d", sql: "SELECT 1; SELECT 2" }, /queries\.own: it holds 2 statements/],
    [{ description: "d", sql: "SELEC 1" }, /queries\.own: .*refuses the SQL at line 1, column 1: syntax error/],
    [{ description: "d", sql: "SELECT $1::int" }, /has 1 parameters \(\$n\), and 0 are described/],
    [
      {
        description: "d",
        sql: "SELECT $1, $2",
        params: [
          { name: "a", description: "" },
          { name: "a", description: "" },
        ],
      },
      /"a" stands there twice/,
    ],
    [{ description: "d", sql: "SELECT $1", params: [{ name: "cursor", description: "" }] }, /"cursor" cannot be/],
    [{ description: "d", sql: "SELECT 1", database: "nowhere" }, /no database "nowhere"/],
  ] as const)("a tool of the configuration: %j", ([own, message]) => {
    const { status, stderr } = run(["--config", configured({ queries: { own } })]);
    expect(status).toBe(2);
    expect(stderr).toMatch(message);
    // Marks for models have no place on a terminal.
    expect(stderr).not.toContain("\u0001");
  });

  test("a tool of the configuration that is called as one of ours", () => {
    const { status, stderr } = run([
      "--config",
      configured({ queries: { query: { description: "d", sql: "SELECT 1" } } }),
    ]);
    expect([status, stderr]).toEqual([2, expect.stringContaining('"query" is defined twice')]);
  });
});

test("--print-role-sql prints SQL and nothing else, and no password", () => {
  const { status, stdout, stderr } = run(["--print-role-sql"], {
    DATABASE_URL: "postgres://keeper:open-sesame@db/stock",
  });
  expect([status, stderr]).toEqual([0, ""]);
  expect(stdout).toContain("CREATE ROLE mcp_ro LOGIN NOSUPERUSER");
  expect(stdout).not.toContain("open-sesame");
});

test("nothing has to be installed beside it, and it stays small", () => {
  const files = readdirSync(dist).filter((name) => name.endsWith(".js"));
  const bytes = files.reduce((sum, name) => sum + statSync(join(dist, name)).size, 0);
  expect(bytes).toBeLessThan(1_300_000);
  const text = files.map((name) => readFileSync(join(dist, name), "utf8")).join("\n");
  const imported = [...text.matchAll(/(?:^|[;}])import[^"'()]*from\s*["']([^."'][^"']*)["']/g)].map(([, from]) => from);
  expect(imported.filter((from) => !from?.startsWith("node:"))).toEqual([]);
});

test("a start loads little: what a query does not need stays on the disk", () => {
  const loaded = new Set<string>();
  const follow = (name: string) => {
    if (loaded.has(name)) return;
    loaded.add(name);
    const text = readFileSync(join(dist, name), "utf8");
    for (const [, next] of text.matchAll(/from\s*["']\.\/([^"']+)["']/g)) follow(next as string);
  };
  follow(readFileSync(bin, "utf8").match(/import\(["'`]\.\/([^"'`]+)["'`]\)/)?.[1] ?? "missing");
  const bytes = [...loaded].reduce((sum, name) => sum + statSync(join(dist, name)).size, 0);
  expect(bytes).toBeLessThan(560_000);
});
