import type { Value } from "../../row-set.ts";

export type SettingColumns = "name" | "setting" | "source" | "unit";

/** SQL: these settings, with where each value comes from. Names are ours. */
export function settingsQuery(names: readonly string[]): string {
  return `SELECT name, setting, source, unit FROM pg_catalog.pg_settings WHERE name IN (${names.map((name) => `'${name}'`).join(", ")}) ORDER BY name`;
}

/** SQL that sets it for the whole server; none where something stronger than ALTER SYSTEM says it. */
export function settingFix(row: Readonly<Record<"name" | "source", Value>>, value: string): string | undefined {
  if (row.source !== "default" && row.source !== "configuration file") return undefined;
  return `ALTER SYSTEM SET ${row.name} = ${value}; SELECT pg_reload_conf();`;
}
