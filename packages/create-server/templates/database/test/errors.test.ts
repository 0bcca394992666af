import { expect, test } from "vitest";
import { mapError } from "../src/errors.ts";

const failed = (code: string, message = "for people who run it") => Object.assign(new Error(message), { code });

test.for([
  ["57014", "timeout", /--timeout/],
  ["23505", "conflict", /other values/],
  ["23514", "invalid_input", /arguments/],
  ["22P02", "invalid_input", /arguments/],
  ["28P01", "unauthenticated", /DATABASE_URL/],
  ["ERR_INVALID_URL", "unauthenticated", /DATABASE_URL/],
  ["42501", "denied", /person/],
  ["25006", "denied", /person/],
  ["3D000", "not_found", /person/],
  ["42P01", "not_found", /person/],
  ["08006", "unavailable", /again/],
  ["53300", "unavailable", /again/],
  ["57P01", "unavailable", /again/],
  ["40P01", "unavailable", /again/],
  ["ECONNREFUSED", "unavailable", /again/],
  ["ENOTFOUND", "unavailable", /again/],
  ["EAI_AGAIN", "unavailable", /again/],
  ["SELF_SIGNED_CERT_IN_CHAIN", "unavailable", /again/],
  ["ECONNRESET", "outcome_unknown", /whether/],
] as const)("%s is %s and says what to do", ([code, kind, hint]) => {
  const error = mapError(failed(code));
  expect(error).toMatchObject({ kind, hint: expect.stringMatching(hint) as string });
});

test.for([
  ["Connection terminated unexpectedly", "outcome_unknown"],
  ["Connection terminated due to connection timeout", "unavailable"],
  ["timeout exceeded when trying to connect", "unavailable"],
  ["Client has encountered a connection error and is not queryable", "unavailable"],
  ["The server does not support SSL connections", "unavailable"],
  ["SASL: SCRAM-SERVER-FIRST-MESSAGE: client password must be a string", "unauthenticated"],
] as const)("what pg says by text alone: %s is %s", ([message, kind]) => {
  expect(mapError(new Error(message))?.kind).toBe(kind);
});

test("the database's own words are passed on where they are about values, and nowhere else", () => {
  const words = 'role "keeper" at 10.1.2.3';
  expect(mapError(failed("22P02", words))?.message).toContain(words);
  for (const code of ["28P01", "42501", "3D000", "53300", "ECONNREFUSED"])
    expect(mapError(failed(code, words))?.message).not.toMatch(/keeper|10\.1/);
});

test("what is not the database's is not mapped", () => {
  expect(mapError(new Error("internal"))).toBeUndefined();
  expect(mapError(failed("42601", "syntax error"))).toBeUndefined();
  expect(mapError(failed("ERR_INVALID_ARG_TYPE"))).toBeUndefined();
  expect(mapError(undefined)).toBeUndefined();
});
