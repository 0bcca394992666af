import { expect, test } from "vitest";
import { readPattern } from "../../src/openapi/pattern.ts";

test.for(["^[a-z]+$", "^\\d{4}-\\d{2}$", "^[A-Z]{2,}[0-9]?$", "^\\+?[0-9]{6,15}$", "^[A-Za-z0-9_-]{1,20}$", "^a\\.b$"])(
  "%s is taken over, with a text that fits it",
  (source) => {
    const pattern = readPattern(source);
    expect(pattern?.source).toBe(source);
    expect(pattern?.sample).toMatch(new RegExp(source));
  },
);

test.for([
  "(a+)+$",
  "^(a+)+$",
  "^a*a*b$",
  "abc",
  "^.*$",
  "^a|b$",
  "^[$",
  "^\\p{L}$",
  "^a{2,}b+$",
  "^(?=a)$",
  `^${"a?".repeat(50)}$`,
  "^[^a]$",
  "^a/b$",
])("%s is left to the service", (source) => {
  expect(readPattern(source)).toBeUndefined();
});
