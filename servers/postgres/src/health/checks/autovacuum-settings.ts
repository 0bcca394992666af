import { queryCheck } from "../check.ts";
import { settingFix, settingsQuery, type SettingColumns } from "./settings-query.ts";

/** Whether tables are vacuumed and analyzed by themselves at all. */
export const autovacuumSettings = queryCheck<SettingColumns>({
  name: "autovacuum_settings",
  group: "settings",
  title: "Autovacuum settings",
  why: "Without it tables grow, plans go wrong, and in the end transaction ids run out; it needs track_counts.",
  scoped: false,
  sql: () => settingsQuery(["autovacuum", "track_counts"]),
  evaluate: (rows) =>
    rows.flatMap((row) =>
      row.setting === "off"
        ? [{ severity: "high", subject: row.name ?? "", evidence: `off (${row.source})`, fix: settingFix(row, "on") }]
        : [],
    ),
});
