import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { picture } from "../src/plan/picture.ts";
import { fixture } from "./plan/fixture.ts";

const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");

// After a change: `vitest run test/readme.test.ts -u`.
test("the picture of a plan is what `explain` draws of a real one", async () => {
  await expect(`${picture(fixture("parallel-join"))}\n`).toMatchFileSnapshot("../docs/plan.svg");
  expect(readme).toContain("(docs/plan.svg)");
});

test("the preview of a migration is what `migrate` writes", () => {
  const preview = readFileSync(new URL("migrate/__samples__/preview.txt", import.meta.url), "utf8");
  expect(readme).toContain(`\`\`\`text\n${preview}\`\`\``);
});
