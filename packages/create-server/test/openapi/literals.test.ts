import { runInNewContext } from "node:vm";
import { expect, test } from "vitest";
import { flat } from "../../src/openapi/code.ts";
import { key, literal, quoted } from "../../src/openapi/literals.ts";
import { randomFrom } from "./random-spec.ts";

const PARTS = [
  '"',
  "'",
  "\\",
  "`",
  "${",
  "}",
  "*/",
  "//",
  "\n",
  "\r",
  "\u2028",
  "\u2029",
  "\u202e",
  "\ufeff",
  "\ud800",
  "</script>",
  "a",
  "日",
  "👩",
  "\0",
  "\\u0022",
  "<!--",
];

test("any text is itself again when the code runs, on one line that shows every character", () => {
  const random = randomFrom(1);
  for (let i = 0; i < 500; i++) {
    const text = Array.from(
      { length: 1 + Math.floor(random() * 8) },
      () => PARTS[Math.floor(random() * PARTS.length)],
    ).join("");
    const code = quoted(text);
    expect(runInNewContext(code)).toBe(text);
    // oxlint-disable-next-line no-control-regex
    expect(code).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u);
    expect(runInNewContext(`({ ${key(text)}: 1 })`)).toEqual({ [text]: 1 });
  }
});

test("values keep members that would set a prototype", () => {
  const value = JSON.parse('{ "__proto__": { "a": [1, -0.5, 1e21, null, true] } }') as unknown;
  const code = flat(literal(value)) ?? "";
  expect(JSON.stringify(runInNewContext(`(${code})`))).toBe(JSON.stringify(value));
});
