import { expect, test } from "vitest";
import { failureOf, isAnswer } from "../../src/migrate/failure.ts";
import { openPolicy } from "../../src/policy.ts";

const answer = (code: string) =>
  Object.assign(new Error("null value in column"), {
    code,
    detail: "Failing row contains (secret).",
    constraint: "c",
    table: "t",
  });

test("PostgreSQL's words stand in it", () => {
  expect(failureOf(answer("23502"), openPolicy).words).toEqual([
    "null value in column",
    "Failing row contains (secret).",
  ]);
});

test("with masked columns, those that may quote a row do not", () => {
  const policy = { ...openPolicy, mask: ["a.b.c"] };
  for (const code of ["22P02", "23505", "44000", "P0001"]) {
    const { words, state } = failureOf(answer(code), policy);
    expect(state).toBe(code);
    expect(words.join()).not.toContain("secret");
    expect(words).toContain("constraint c");
  }
  expect(failureOf(answer("42P01"), policy).words).toContain("null value in column");
});

test("what a broken connection says is no answer", () => {
  expect(isAnswer(answer("23502"))).toBe(true);
  for (const code of ["EPIPE", "ECONNRESET", "08006", "57P01", "57P02"]) expect(isAnswer(answer(code))).toBe(false);
  expect(isAnswer(new Error("Connection terminated"))).toBe(false);
  expect(isAnswer(undefined)).toBe(false);
});
