import { count, number } from "../amounts.ts";
import type { Rows } from "../check.ts";
import { type Finding, graded } from "../finding.ts";

export type AgeColumns = "name" | "age" | "freeze" | "here" | "table";

/**
 * Judges how old the oldest unfrozen id of each database is. Autovacuum freezes at `freeze`, skips everything else at 1.6e9
 * (vacuum_failsafe_age), and the server takes no writes shortly before 2^31:
 * https://www.postgresql.org/docs/current/routine-vacuuming.html#VACUUM-FOR-WRAPAROUND
 */
export function aged(rows: Rows<AgeColumns>, what: string): Finding[] {
  return rows.flatMap((row) => {
    const [age, freeze] = [number(row.age), number(row.freeze)];
    const severity = graded(age, [
      ["critical", 1_600_000_000],
      ["high", 1_000_000_000],
      ["medium", 2 * freeze],
    ]);
    if (!severity) return [];
    const left = count(Math.max(0, 2 ** 31 - age));
    const oldest = row.here === "true" && row.table ? `; the oldest table is ${row.table}` : "";
    const evidence = `${count(age)} ${what} old, ${left} left; autovacuum should freeze at ${count(freeze)}${oldest}`;
    const fix = row.here === "true" && row.table ? `VACUUM (FREEZE) ${row.table};` : undefined;
    return [{ severity, subject: `database ${row.name}`, evidence, fix }];
  });
}
