import { expect, test } from "vitest";
import { createTokens, TOKEN_TTL } from "../../src/migrate/tokens.ts";

const owner = { sql: "CREATE TABLE a ()", database: "main", principal: "local" };

test("a token belongs to its text, database and principal, and is used once", () => {
  const tokens = createTokens<number>();
  const token = tokens.issue(owner, 1);
  for (const other of [{ sql: "CREATE TABLE a () " }, { database: "other" }, { principal: "ann" }])
    expect(() => tokens.find(token, { ...owner, ...other })).toThrow(/another text or database/);
  expect(tokens.find(token, owner)).toBe(1);
  expect(tokens.take(token, owner)).toBe(1);
  expect(() => tokens.take(token, owner)).toThrow(/it was used/);
});

test("it ends after 15 minutes", () => {
  let now = 0;
  const tokens = createTokens<number>(() => now);
  const token = tokens.issue(owner, 1);
  now = TOKEN_TTL - 1;
  expect(tokens.find(token, owner)).toBe(1);
  now = TOKEN_TTL;
  expect(() => tokens.find(token, owner)).toThrow(/older than 15 minutes/);
});

test("nobody makes one up, and a wrong guess uses nothing up", () => {
  const tokens = createTokens<number>();
  const token = tokens.issue(owner, 1);
  for (const forged of [
    "",
    "x",
    token.slice(1),
    `${token}x`,
    token.toLowerCase() === token ? "y" : token.toLowerCase(),
  ])
    expect(() => tokens.take(forged, owner)).toThrow(/No preview has this token/);
  expect(tokens.take(token, owner)).toBe(1);
});

test("only so many are remembered, the newest", () => {
  const tokens = createTokens<number>();
  const all = Array.from({ length: 201 }, (_, i) => tokens.issue(owner, i));
  expect(() => tokens.find(all[0] as string, owner)).toThrow(/No preview has this token/);
  expect(tokens.find(all[1] as string, owner)).toBe(1);
  expect(new Set(all).size).toBe(201);
});
