/** What `checks` may name beside single checks. */
export const groups = [
  "indexes",
  "tables",
  "connections",
  "vacuum",
  "replication",
  "security",
  "settings",
  "storage",
  "queries",
  "migrations",
] as const;
export type Group = (typeof groups)[number];
