import { mkdirSync, mkdtempSync, realpathSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { refuseSharedState } from "../src/state-place.ts";

const base = realpathSync(mkdtempSync(join(tmpdir(), "state-")));
mkdirSync(join(base, "shared"));
symlinkSync(join(base, "shared"), join(base, "link"));

test.for([["shared"], ["shared/state"], ["shared/a/b"], ["link/state"]])("%s is refused", ([place]) => {
  expect(() => refuseSharedState(join(base, place as string), [join(base, "shared")])).toThrow(
    /lies in the shared directory/,
  );
});

test.for([["shared-not"], ["state"], ["..state"]])("%s is accepted", ([place]) => {
  expect(() => refuseSharedState(join(base, place as string), [join(base, "shared")])).not.toThrow();
});
