import { expect, test } from "vitest";
import { bytes, counted, number, percent, span } from "../../src/health/amounts.ts";

test("bytes", () => {
  expect([0, 1023, 1024, 1536, 10_240, 2 ** 30, 1.5 * 2 ** 40].map(bytes)).toEqual([
    "0 bytes",
    "1023 bytes",
    "1 kB",
    "1.5 kB",
    "10 kB",
    "1 GB",
    "1.5 TB",
  ]);
});

test("nothing takes less than no time", () => {
  expect([-0.02, -3].map(span)).toEqual(["0 s", "0 s"]);
});

test("spans", () => {
  expect([0.9, 119, 120, 7_199, 7_200, 172_799, 172_800].map(span)).toEqual([
    "0 s",
    "119 s",
    "2 min",
    "119 min",
    "2 h",
    "47 h",
    "2 days",
  ]);
});

test("counts, shares and PostgreSQL's numbers", () => {
  expect([counted(1, "row"), counted(1_234, "row"), counted(0, "entry", "entries")]).toEqual([
    "1 row",
    "1,234 rows",
    "0 entries",
  ]);
  expect([percent(0.999), percent(1)]).toEqual(["99 %", "100 %"]);
  expect([number(null), number(undefined), number("1.5")]).toEqual([0, 0, 1.5]);
});
