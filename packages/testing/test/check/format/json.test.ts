import { expect, test } from "vitest";
import { formatJson } from "../../../src/check/format/json.ts";
import { report } from "./report.ts";

test("the report as it is", () => {
  expect(JSON.parse(formatJson(report))).toEqual(report);
  expect(formatJson(report)).toMatch(/^\{\n {2}"target".*\}\n$/s);
});
