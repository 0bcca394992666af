import type { Check } from "../check.ts";

/** What this login may do beyond reading data. */
export const loginPrivileges: Check = {
  name: "login_privileges",
  group: "security",
  title: "Privileges of this login",
  why: "What the login cannot do, nobody can make it do: reading needs no more than SELECT.",
  run({ facts: { privileges, user, versionNumber } }) {
    if (privileges.length === 0) return Promise.resolve([]);
    // pg_read_all_data came with 14.
    const reads =
      versionNumber >= 140000
        ? "GRANT pg_read_all_data TO mcp_ro;"
        : "GRANT SELECT ON ALL TABLES IN SCHEMA public TO mcp_ro;";
    return Promise.resolve([
      {
        severity: "medium",
        subject: `role ${user}`,
        evidence: `more than reading: ${privileges.join(", ")}`,
        fix: `CREATE ROLE mcp_ro LOGIN NOSUPERUSER CONNECTION LIMIT 8; ${reads} ALTER ROLE mcp_ro SET default_transaction_read_only = on;`,
      },
    ]);
  },
};
