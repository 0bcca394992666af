import { mkdirSync, mkdtempSync, realpathSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { refuseSharedState } from "../src/state-place.ts";

const base = realpathSync(mkdtempSync(join(tmpdir(), "state-")));
mkdirSync(join(base, "shared", "elsewhere"), { recursive: true });
mkdirSync(join(base, "moved", "mooring"), { recursive: true });
symlinkSync(join(base, "shared"), join(base, "link"));
symlinkSync(join(base, "shared", "elsewhere"), join(base, "moved", "mooring", "filesystem"));

const check = (stateDir: string, shared = "shared") => refuseSharedState(join(base, stateDir), [join(base, shared)]);

test.for(["shared", "shared/state", "shared/a/b", "shared/..state", "link/state", "moved/mooring/filesystem"])(
  "%s is refused: the model could read it",
  (place) => {
    expect(() => check(place)).toThrow(/lies in the shared directory/);
  },
);

test.for(["shared-not", "state", "..state"])("%s is accepted: it is outside", (place) => {
  expect(() => check(place)).not.toThrow();
});

test("one whose names are refused may lie in a shared directory, such as a home or the whole file system", () => {
  expect(() => check("shared/.local/state/mooring/filesystem")).not.toThrow();
  expect(() => refuseSharedState("/var/lib/mooring/filesystem", ["/"])).not.toThrow();
  expect(() => refuseSharedState("/var/lib/state", ["/"])).toThrow(/lies in the shared directory/);
});

test("what lies in it cannot be shared", () => {
  expect(() => check("state", "state/journal/blobs")).toThrow(/keeps what changes replaced/);
  expect(() => check("state", "state/journal")).toThrow(/lies in the/);
  expect(() => check("state", "state/else")).not.toThrow();
});
