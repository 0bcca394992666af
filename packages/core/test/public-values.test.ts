// What programs around a server go by (docs/versioning.md): a value that changes here breaks them.
import { expect, test } from "vitest";
import { errorKinds } from "../src/errors.ts";
import { exitCodes } from "../src/exit-codes.ts";
import { attributes, metrics } from "../src/telemetry-names.ts";

test("exit statuses", () => {
  expect(exitCodes).toEqual({ done: 0, failed: 1, usage: 2, check: 3 });
});

test("error kinds", () => {
  expect(errorKinds).toEqual([
    "invalid_input",
    "not_found",
    "denied",
    "confirm_required",
    "unauthenticated",
    "rate_limited",
    "unavailable",
    "timeout",
    "outcome_unknown",
    "conflict",
    "too_large",
    "cancelled",
    "internal",
  ]);
});

test("names of metrics, and of our own attributes", () => {
  expect(Object.values(metrics)).toEqual([
    "mcp.server.operation.duration",
    "mcp.server.session.duration",
    "mooring.policy.denied",
    "mooring.ratelimit.rejected",
    "mooring.cache.requests",
    "mooring.redactions",
    "mooring.audit.records",
    "mooring.inflight",
  ]);
  expect(Object.values(attributes).filter((name) => name.startsWith("mooring."))).toEqual([
    "mooring.ref",
    "mooring.error.kind",
    "mooring.result.masked",
    "mooring.result.bytes",
  ]);
});
