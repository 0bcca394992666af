import { expect, it } from "vitest";

const { EXPECT_NODE } = process.env;
const [major] = process.versions.node.split(".");

it("runs on the Node that was asked for, or on the one we develop with", () => {
  expect(major).toBe(EXPECT_NODE ?? "24");
});
