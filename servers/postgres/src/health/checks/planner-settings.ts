import { number } from "../amounts.ts";
import { queryCheck } from "../check.ts";
import type { Finding } from "../finding.ts";
import { settingFix, settingsQuery, type SettingColumns } from "./settings-query.ts";

const methods = [
  "seqscan",
  "indexscan",
  "indexonlyscan",
  "bitmapscan",
  "hashjoin",
  "mergejoin",
  "nestloop",
  "sort",
  "hashagg",
];

/** Settings that make the planner choose badly, or leave nobody able to see why. */
export const plannerSettings = queryCheck<SettingColumns>({
  name: "planner_settings",
  group: "settings",
  title: "Planner settings",
  why: "Plans are chosen by these costs: random_page_cost 4 is a spinning disk, and track_io_timing shows which plans wait for it.",
  scoped: false,
  sql: () =>
    settingsQuery([
      "random_page_cost",
      "track_io_timing",
      "default_statistics_target",
      ...methods.map((method) => `enable_${method}`),
    ]),
  evaluate: (rows) =>
    rows.flatMap((row): Finding[] => {
      const subject = row.name ?? "";
      if (subject === "random_page_cost")
        return number(row.setting) >= 4
          ? [
              {
                severity: "info",
                subject,
                evidence: `${row.setting} (${row.source}); 1.1 fits SSDs`,
                fix: settingFix(row, "1.1"),
              },
            ]
          : [];
      if (subject === "default_statistics_target")
        return number(row.setting) < 100
          ? [
              {
                severity: "low",
                subject,
                evidence: `${row.setting} (${row.source}), below the default of 100`,
                fix: settingFix(row, "100"),
              },
            ]
          : [];
      if (row.setting !== "off") return [];
      const severity = subject === "track_io_timing" ? "info" : "medium";
      return [{ severity, subject, evidence: `off (${row.source})`, fix: settingFix(row, "on") }];
    }),
});
