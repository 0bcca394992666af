import { expect, test } from "vitest";
import { refuseKeptByNpm } from "../../src/answers/kept-by-npm.ts";
import { Problem } from "../../src/problem.ts";

test("an option that npm has kept is not overlooked", () => {
  expect(() => refuseKeptByNpm({ npm_config_kind: "local" })).toThrow(
    new Problem(
      'npm has kept --kind for itself: put "--" before the options, as in npm create @mooring/server weather -- --kind …',
    ),
  );
});

test("npm's own options are its own", () => {
  const env = { npm_config_yes: "true", npm_config_access: "public", npm_config_user_agent: "npm" };
  expect(() => refuseKeptByNpm(env)).not.toThrow();
});
