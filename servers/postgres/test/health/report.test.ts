import { expect, test, vi } from "vitest";
import { healthReport, type ReportOptions } from "../../src/health/report.ts";
import { reportText } from "../../src/health/report-text.ts";
import { fakeDatabase, sqlError } from "./fake-database.ts";

const options = (more: Partial<ReportOptions> = {}): ReportOptions => ({
  signal: AbortSignal.timeout(10_000),
  config: {},
  now: new Date("2026-11-20"),
  ...more,
});

const index = (name: string, kind = "i") => ({
  name,
  table: "t",
  kind,
  bytes: "8192",
  building: "false",
  constrains: "false",
});
const invalid = (sql: string) => sql.includes("NOT i.indisvalid AND");

test("worst first, capped for each check, with every total said", async () => {
  const database = fakeDatabase((sql) => {
    if (invalid(sql)) return [index("p", "I"), index("a"), index("b"), index("c")];
    if (sql.includes("checksum_failures")) return [{ database: "app", failures: "2", seconds: "5" }];
    return undefined;
  });
  const report = await healthReport(database, options({ checks: ["indexes", "checksums"], top: 2 }));
  expect(report.findings.map(({ severity, subject }) => `${severity} ${subject}`)).toEqual([
    "critical app",
    "high a",
    "high b",
  ]);
  expect(report.totals).toEqual({ critical: 1, high: 3, medium: 1, low: 0, info: 0 });
  expect(report.cut).toEqual([{ check: "invalid_indexes", shown: 2, total: 4 }]);
  expect(report.clean).toEqual(["duplicate_indexes", "foreign_key_indexes", "unused_indexes", "bloated_indexes"]);
  expect(report.why.map(({ check }) => check)).toEqual(["checksums", "invalid_indexes"]);
  const text = reportText(report);
  expect(text.split("\n")[0]).toMatch(
    /^1 critical, 3 high, 1 medium \(app, PostgreSQL 15\.20, \d+ ms\)\. Fixes are for a person to review\.$/,
  );
  expect(text).toContain("Shown of: invalid_indexes 2 of 4.");
  expect(text).toContain("HIGH invalid_indexes: a: on t, 8 kB;");
  expect(text).toContain("\n  fix: DROP INDEX CONCURRENTLY a;");
});

test("a check that fails is a line, without the server's words, and the others stand", async () => {
  const database = fakeDatabase((sql) => {
    if (invalid(sql)) throw sqlError("42501");
    if (sql.includes("checksum_failures")) throw sqlError("57014");
    if (sql.includes("pg_stat_archiver")) throw sqlError("XX001");
    if (sql.includes("pg_ls_waldir")) throw new TypeError("secret_table");
    return undefined;
  });
  const report = await healthReport(database, options());
  expect(report.unchecked).toEqual([
    { check: "checksums", text: "it took too long (statement_timeout)" },
    { check: "wal_retained", text: "internal" },
    { check: "archiving", text: "the server refused (SQLSTATE XX001)" },
    { check: "invalid_indexes", text: "this login lacks the privilege" },
    {
      check: "top_queries",
      text: expect.stringMatching(/^pg_stat_statements is not installed: put it into shared_preload_libraries/),
    },
  ]);
  expect(report.clean.length).toBeGreaterThan(25);
  expect(reportText(report)).not.toContain("secret_table");
});

test("a check that hangs ends alone", async () => {
  const timeout = vi.spyOn(AbortSignal, "timeout").mockImplementation(() => {
    const controller = new AbortController();
    setTimeout(() => controller.abort(new DOMException("late", "TimeoutError")), 50);
    return controller.signal;
  });
  const database = fakeDatabase((sql, signal) =>
    invalid(sql)
      ? new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason as Error)))
      : undefined,
  );
  const { signal } = new AbortController();
  const report = await healthReport(database, options({ checks: ["indexes"], signal }));
  timeout.mockRestore();
  expect(report.unchecked).toEqual([{ check: "invalid_indexes", text: "it took over 5 s" }]);
  expect(report.clean).toHaveLength(4);
});

test("at most three at a time", async () => {
  let [now, most] = [0, 0];
  const database = fakeDatabase(async () => {
    most = Math.max(most, ++now);
    await new Promise((resolve) => setTimeout(resolve, 1));
    now--;
    return undefined;
  });
  await healthReport(database, options());
  expect(most).toBe(3);
});

test("whoever calls it off gets their reason, and nothing more is asked", async () => {
  const controller = new AbortController();
  let asked = 0;
  const database = fakeDatabase(() => {
    if (++asked === 5) controller.abort(new Error("called off"));
    return undefined;
  });
  await expect(healthReport(database, options({ signal: controller.signal }))).rejects.toThrow("called off");
  expect(asked).toBeLessThan(9);
});

test("without a connection there is no report", async () => {
  const database = fakeDatabase(() => {
    throw Object.assign(new Error("read ECONNRESET"), { code: "ECONNRESET" });
  });
  await expect(healthReport(database, options())).rejects.toThrow("ECONNRESET");
});

test("progress goes up to all checks", async () => {
  const seen: string[] = [];
  await healthReport(
    fakeDatabase(() => undefined),
    options({ checks: ["indexes"], progress: (done, total) => seen.push(`${done}/${total}`) }),
  );
  expect(seen).toEqual(["1/5", "2/5", "3/5", "4/5", "5/5"]);
});
