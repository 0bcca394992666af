import type { Session } from "./login.ts";
import type { Target } from "./settings.ts";

/** Targets that ask whether a session may write: then nothing may have been said of that at its start. */
export function dependsOnReadOnly(target: Target): boolean {
  return target === "read-write" || target === "read-only";
}

/**
 * Whether the server is one that is looked for. PostgreSQL 14 and later says so when the session begins; others are asked, as
 * libpq does.
 * https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNECT-TARGET-SESSION-ATTRS
 */
export async function suits(session: Session, target: Target): Promise<boolean> {
  switch (target) {
    case "any":
      return true;
    case "primary":
      return !(await isStandby(session));
    case "standby":
    case "prefer-standby":
      return isStandby(session);
    case "read-write":
      return !(await isReadOnly(session));
    case "read-only":
      return isReadOnly(session);
  }
}

async function isStandby({ client, parameters }: Session): Promise<boolean> {
  const said = parameters.get("in_hot_standby");
  if (said !== undefined) return said === "on";
  return (await only(client, "SELECT pg_catalog.pg_is_in_recovery()::text")) === "true";
}

async function isReadOnly(session: Session): Promise<boolean> {
  const { client, parameters } = session;
  const said = parameters.get("default_transaction_read_only");
  if (said !== undefined) return said === "on" || isStandby(session);
  return (await only(client, "SHOW transaction_read_only")) === "on";
}

async function only(client: Session["client"], text: string): Promise<unknown> {
  const { rows } = await client.query<unknown[]>({ text, rowMode: "array" });
  return rows[0]?.[0];
}
