import { expect, test } from "vitest";
import { isConnectionLost } from "../../src/connection/lost.ts";

test.for([
  [{ code: "08006" }, true],
  [{ code: "57P01" }, true],
  [{ code: "57P02" }, true],
  [{ code: "57P03" }, true],
  [{ code: "ECONNRESET" }, true],
  [{ code: "EPIPE" }, true],
  [new Error("Connection terminated unexpectedly"), true],
  // The protocol was broken by what we sent, a wrong number of params for one; the connection is fine.
  [{ code: "08P01" }, false],
  [{ code: "57014" }, false],
  [{ code: "53300" }, false],
  [{ code: "42P01" }, false],
  [new Error("anything else"), false],
  [undefined, false],
] as const)("%j: %s", ([error, lost]) => {
  expect(isConnectionLost(error)).toBe(lost);
});
