import { queryCheck } from "../check.ts";
import type { Severity } from "../finding.ts";
import { settingFix, settingsQuery, type SettingColumns } from "./settings-query.ts";

const judged: Readonly<Record<string, { readonly bad: string; readonly severity: Severity; readonly means: string }>> =
  {
    fsync: { bad: "off", severity: "critical", means: "a crash of the machine can destroy the whole cluster" },
    full_page_writes: {
      bad: "off",
      severity: "high",
      means: "a crash can leave half-written pages that no replay mends",
    },
    zero_damaged_pages: { bad: "on", severity: "high", means: "damaged pages are emptied, and what they held is gone" },
    ignore_checksum_failure: { bad: "on", severity: "high", means: "damaged pages are read as if they were sound" },
    synchronous_commit: {
      bad: "off",
      severity: "low",
      means: "a crash loses the last commits, though nothing is damaged",
    },
  };

/** Settings that trade data for speed. */
export const durabilitySettings = queryCheck<SettingColumns>({
  name: "durability_settings",
  group: "settings",
  title: "Durability",
  why: "What was committed should be there after a crash.",
  scoped: false,
  sql: () => settingsQuery(Object.keys(judged)),
  evaluate: (rows) =>
    rows.flatMap((row) => {
      const rule = judged[row.name ?? ""];
      if (!rule || row.setting !== rule.bad) return [];
      const fix = settingFix(row, rule.bad === "off" ? "on" : "off");
      return [
        {
          severity: rule.severity,
          subject: row.name ?? "",
          evidence: `${row.setting} (${row.source}): ${rule.means}`,
          fix,
        },
      ];
    }),
});
