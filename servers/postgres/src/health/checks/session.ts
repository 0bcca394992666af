import type { Value } from "../../row-set.ts";

/** What findings say of a session: its process, who, and which program. */
export function session(row: Readonly<Record<"pid" | "user" | "application", Value>>): string {
  const who = [row.user && `user ${row.user}`, row.application && `application ${row.application}`]
    .filter(Boolean)
    .join(", ");
  return who ? `pid ${row.pid} (${who})` : `pid ${row.pid}`;
}

export const cancel = (pid: Value): string => `SELECT pg_cancel_backend(${pid});`;
export const terminate = (pid: Value): string => `SELECT pg_terminate_backend(${pid});`;
