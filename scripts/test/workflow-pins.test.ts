import { describe, expect, it } from "vitest";
import { pinProblems } from "../workflow-pins.ts";

const COMMIT = "3d3c42e5aac5ba805825da76410c181273ba90b1";
const workflow = (...steps: string[]) =>
  ["permissions: {}", "jobs:", ...steps.map((step) => `      ${step}`)].join("\n");

describe("pinProblems", () => {
  it("accepts pinned and local actions", () => {
    const text = workflow(
      `- uses: actions/checkout@${COMMIT} # v7.0.1`,
      "  with:",
      "    persist-credentials: false",
      `- uses: changesets/action/publish@${COMMIT} # v2.1.1`,
      "- uses: ./.github/actions/own",
    );
    expect(pinProblems("x.yml", text)).toEqual([]);
  });

  it.each(["@v7", "@main", `@${COMMIT}`, `@${COMMIT.slice(0, 7)} # v7.0.1`, `@${COMMIT} # main`])(
    "refuses owner/name%s",
    (ref) => {
      expect(pinProblems("x.yml", workflow(`- uses: owner/name${ref}`))).toEqual([
        "x.yml:3: pin the action to a full commit with its version: owner/name@<40 hex> # v1.2.3",
      ]);
    },
  );

  it("wants checkout to keep its token to itself", () => {
    expect(pinProblems("x.yml", workflow(`- uses: actions/checkout@${COMMIT} # v7.0.1`))).toEqual([
      "x.yml:3: checkout leaves its token on the disk; add persist-credentials: false",
    ]);
  });

  it("wants the rights said at the top", () => {
    expect(pinProblems("x.yml", "jobs:")).toEqual(["x.yml: say the permissions at the top"]);
  });
});
