import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { USAGE } from "../src/answers/command-line.ts";
import { kinds, levels, licences } from "../src/kinds.ts";

const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");

test("the README has the help as it is", () => {
  expect(readme).toContain(`\`\`\`text\n${USAGE}\`\`\`\n`);
});

test("the help and the README have every choice", () => {
  expect(USAGE).toContain(`--kind ${Object.keys(kinds).join("|")} `);
  expect(USAGE).toContain(`--access ${Object.keys(levels).join("|")} `);
  expect(USAGE).toContain(`--licence ${Object.keys(licences).join("|")}\n`);
  const rows = [...readme.matchAll(/^\| `([a-z][\w-]*)` \| ([^|]+) \|/gm)].map(([, kind, wraps]) => [kind, wraps]);
  expect(rows).toEqual(Object.entries(kinds));
});
