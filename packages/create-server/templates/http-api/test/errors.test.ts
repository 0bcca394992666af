import { HttpApiError } from "@mooring/core";
import { expect, test } from "vitest";
import { mapError } from "../src/errors.ts";

test.for([
  [400, "invalid_input", /as the service says/],
  [401, "unauthenticated", /EXAMPLE_TOKEN/],
  [403, "denied", /right/],
  [404, "not_found", /identifier/],
  [429, "rate_limited", /^$/],
  [503, "unavailable", /^$/],
] as const)("%d is %s and says what to do", ([status, kind, hint]) => {
  const error = mapError(new HttpApiError("Example", status, "Why", "3"));
  expect(error).toMatchObject({ kind, retryAfterMs: 3_000 });
  expect(error?.hint ?? "").toMatch(hint);
});

test("what is not the service's is not mapped", () => {
  expect(mapError(new Error("internal"))).toBeUndefined();
  expect(mapError(undefined)).toBeUndefined();
});
