import { afterEach, describe, expect, it } from "vitest";
import { answer, load } from "../../src/guard/answer.ts";
import { createParser, maxSqlBytes, type Parser, shortSqlBytes } from "../../src/guard/parser.ts";

let parser: Parser;
afterEach(() => parser.close());
const opened = () => (parser = createParser());

const nested = (depth: number) => `SELECT ${"(".repeat(depth)}1${")".repeat(depth)}`;
const sum = (terms: number) => `SELECT 1${"+1".repeat(terms - 1)}`;

describe("what the parser refuses", () => {
  it.for([
    ["", "invalid_input", /empty/],
    [" \n\t", "invalid_input", /empty/],
    ["SELECT 1\0; DELETE FROM x", "invalid_input", /NUL/],
    ["SELECT '\ud800'", "invalid_input", /surrogate/],
    ["SELECT FROM WHERE", "invalid_input", /line 1, column 13/],
    ["SELECT 1,\n  FROM x WHERE (", "invalid_input", /line 2/],
    ["-- nothing but this", "ok", /0/],
    [`SELECT '${"x".repeat(maxSqlBytes)}'`, "too_large", /262144/],
    [`SELECT '${"ä".repeat(maxSqlBytes / 2)}'`, "too_large", /262144/],
  ] as const)("says why: %#", async ([sql, kind, message]) => {
    const found = await opened()
      .ask("inspect", sql)
      .then(
        (inspection) => ({ kind: "ok", message: "statements" in inspection ? String(inspection.statements) : "" }),
        (error: { kind: string; message: string }) => error,
      );
    expect(found).toMatchObject({ kind, message: expect.stringMatching(message) as string });
  });

  it("takes a text that just fits", async () => {
    const head = "SELECT '";
    const sql = `${head}${"x".repeat(maxSqlBytes - head.length - 1)}'`;
    expect(await opened().ask("inspect", sql)).toMatchObject({ kind: "select" });
  });
});

describe("a parser that runs out of its stack", () => {
  it("takes 50,000 terms", { timeout: 60_000 }, async () => {
    expect(await opened().ask("inspect", sum(50_000))).toMatchObject({ kind: "select", operators: [["+"]] });
  });

  it(
    "answers 60,000 nested parentheses one way or the other, and the next statement",
    { timeout: 60_000 },
    async () => {
      opened();
      const deep = await parser.ask("inspect", nested(60_000)).then(
        () => "parsed",
        ({ kind }: { kind: string }) => kind,
      );
      expect(["parsed", "invalid_input"]).toContain(deep);
      expect(await parser.ask("inspect", "SELECT 1")).toMatchObject({ kind: "select" });
      expect(await parser.ask("inspect", `SELECT '${"x".repeat(shortSqlBytes)}'`)).toMatchObject({ kind: "select" });
    },
  );

  // Each of them nests a node in a node: the deepest that 256 KB can hold.
  it.for([
    ["NOT ", "", "true"],
    ["- ", "", "1"],
    ["f(", ")", ""],
    ["ARRAY[", "]", "1"],
    ["(SELECT ", ")", "1"],
    ["CASE WHEN true THEN ", " END", "1"],
    ["(VALUES (", "))", "1"],
  ] as const)("survives %s as deep as a text can be", { timeout: 120_000 }, async ([open, close, inner]) => {
    opened();
    const depth = Math.floor((maxSqlBytes - 100) / (open.length + close.length));
    const sql = `SELECT ${open.repeat(depth)}${inner}${close.repeat(depth)}`;
    const beside = `SELECT '${"y".repeat(shortSqlBytes)}'`;
    const [broken, ...innocent] = await Promise.allSettled([
      parser.ask("inspect", sql),
      ...Array.from({ length: 5 }, () => parser.ask("inspect", beside)),
      parser.ask("inspect", "SELECT 1"),
    ]);
    const said = broken?.status === "rejected" ? (broken.reason as { kind: string }).kind : "parsed";
    expect(["parsed", "invalid_input", "unavailable"]).toContain(said);
    // Who asked meanwhile gets an answer nevertheless.
    expect(innocent.map(({ status }) => status)).toEqual(Array(6).fill("fulfilled"));
    expect(await parser.ask("inspect", beside)).toMatchObject({ kind: "select" });
  });

  it("stays whole over many of them", { timeout: 120_000 }, async () => {
    opened();
    for (let i = 0; i < 4; i += 1) {
      await parser.ask("inspect", `SELECT ${"NOT ".repeat(60_000)} true`).catch(() => {});
      expect(await parser.ask("inspect", sum(2_000))).toMatchObject({ kind: "select" });
    }
  });

  it("hands over deep trees", { timeout: 60_000 }, async () => {
    opened();
    const found = await parser.ask("tree", sum(8_000)).then(
      (trees) => trees.length,
      ({ kind }: { kind: string }) => kind,
    );
    expect(found).toBe(1);
    expect(await parser.ask("tree", "SELECT 1")).toHaveLength(1);
  });
});

describe("short texts, parsed without a thread", () => {
  it.for([
    "(",
    "- ",
    "NOT ",
    "f(",
    "1+",
    "ARRAY[",
    "(SELECT ",
    "a.",
    "CASE ",
    "(VALUES (",
    "x IN (",
    "{",
    "'a'||",
    "[",
    "(ROW(",
  ])("need less than a quarter of the stack for %s", async (piece) => {
    await load();
    const depth = Math.floor((4 * shortSqlBytes) / (piece.length + 1));
    const closing = piece
      .split("")
      .reverse()
      .map((letter) => ({ "(": ")", "[": "]" })[letter] ?? "")
      .join("");
    for (const sql of [
      `SELECT ${piece.repeat(depth)}1${closing.repeat(depth)}`,
      `SELECT ${piece.repeat(depth)}`,
      `SELECT 1 FROM ${piece.repeat(depth)}x${closing.repeat(depth)}`,
    ])
      expect(answer({ id: 1, question: "inspect", sql }).broken).toBeUndefined();
  });
});

it("answers nothing once it is closed", async () => {
  await opened().close();
  await expect(parser.ask("inspect", "SELECT 1")).rejects.toMatchObject({ kind: "unavailable" });
});
