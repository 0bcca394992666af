import { queryCheck } from "../check.ts";

/** Settings that were changed and take effect at the next restart. */
export const pendingSettings = queryCheck<"names">({
  name: "pending_settings",
  group: "settings",
  title: "Settings that wait for a restart",
  why: "The server runs with other settings than its configuration says, until a restart nobody expects to change anything.",
  scoped: false,
  sql: () => "SELECT string_agg(name, ', ' ORDER BY name) AS names FROM pg_catalog.pg_settings WHERE pending_restart",
  evaluate: ([row]) =>
    row?.names
      ? [
          {
            severity: "low",
            subject: "configuration",
            evidence: `changed, not in force before a restart: ${row.names}`,
          },
        ]
      : [],
});
