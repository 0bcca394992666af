import { errorKinds } from "@mooring/core";
import { describe, expect, test } from "vitest";
import { mapError } from "../src/errors.ts";

const answer = (code: string, message = "words of the server", more: object = {}) =>
  mapError(Object.assign(new Error(message), { code, ...more }));

describe("what PostgreSQL answers", () => {
  test.for([
    ["57014", "timeout"],
    ["57P01", "unavailable"],
    ["57P03", "unavailable"],
    ["55P03", "unavailable"],
    ["40P01", "unavailable"],
    ["40001", "unavailable"],
    ["53100", "unavailable"],
    ["53300", "unavailable"],
    ["54001", "invalid_input"],
    ["28P01", "unauthenticated"],
    ["28000", "unauthenticated"],
    ["3D000", "not_found"],
    ["25006", "denied"],
    ["42501", "denied"],
    ["42P01", "not_found"],
    ["42703", "not_found"],
    ["42883", "not_found"],
    ["42P02", "invalid_input"],
    ["42601", "invalid_input"],
    ["08P01", "invalid_input"],
    ["08006", "unavailable"],
    ["22012", "invalid_input"],
    ["22P02", "invalid_input"],
    ["23505", "conflict"],
    ["23503", "conflict"],
    ["0A000", "invalid_input"],
    ["P0001", "conflict"],
    ["XX000", "unavailable"],
    ["58030", "unavailable"],
  ] as const)("%s is %s, with a next step", ([code, kind]) => {
    const error = answer(code);
    expect(error?.kind).toBe(kind);
    expect(error?.hint).toMatch(/\.$/);
    expect(errorKinds).toContain(error?.kind);
  });

  test("a foreign key names both ways out", () => {
    expect(answer("23503")?.hint).toBe("Add the row that is referred to first, or change the rows that refer to it.");
  });

  test("its words stand fenced where they help, with the place", () => {
    const error = answer("42703", 'column "nam" does not exist', {
      position: "8",
      hint: 'Perhaps you meant "name".',
      where: "internal",
      file: "parse_relation.c",
    });
    expect(error?.message).toContain('column "nam" does not exist (at character 8)\nPerhaps you meant "name".');
    expect(error?.message).not.toMatch(/parse_relation|internal/);
    expect(error?.message.startsWith("There is no such column. \u0001")).toBe(true);
  });

  test.for(["28P01", "28000", "3D000", "53300", "57P01", "08006"])(
    "%s keeps the server's words, which name roles and hosts, to itself",
    (code) => {
      const error = answer(code, 'password authentication failed for user "keeper" at 10.1.2.3');
      expect(`${error?.message} ${error?.hint}`).not.toMatch(/keeper|10\.1/);
    },
  );
});

describe("what the network says", () => {
  test.for([
    ["ENOTFOUND", "resolved"],
    ["ECONNREFUSED", "listens"],
    ["EHOSTUNREACH", "reached"],
    ["ETIMEDOUT", "in time"],
    ["ECONNRESET", "broke"],
    ["EPIPE", "broke"],
    ["CERT_HAS_EXPIRED", "expired"],
    ["SELF_SIGNED_CERT_IN_CHAIN", "not trusted"],
    ["UNABLE_TO_VERIFY_LEAF_SIGNATURE", "not trusted"],
    ["ERR_TLS_CERT_ALTNAME_INVALID", "another host"],
  ] as const)("%s", ([code, word]) => {
    const error = answer(code, "connect ECONNREFUSED 10.1.2.3:5432");
    expect(error).toMatchObject({ kind: "unavailable", message: expect.stringContaining(word) as string });
    expect(`${error?.message} ${error?.hint}`).not.toContain("10.1.2.3");
  });

  test.for([
    ["Connection terminated unexpectedly", "unavailable"],
    ["timeout expired", "unavailable"],
    ["The server does not support SSL connections", "unavailable"],
    ["SASL: SCRAM-SERVER-FIRST-MESSAGE: client password must be a string", "unauthenticated"],
  ] as const)("%s", ([message, kind]) => {
    expect(mapError(new Error(message))?.kind).toBe(kind);
  });
});

test.for([undefined, null, 1, "57014", {}, new Error("anything else"), { code: 57_014 }, { code: "ZZZZZ" }])(
  "%s is none of its business",
  (thrown) => {
    expect(mapError(thrown)).toBeUndefined();
  },
);
