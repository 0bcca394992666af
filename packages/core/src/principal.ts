import type { AuthInfo } from "@modelcontextprotocol/server";

/** Who calls: the subject of a verified token, or "local" for whoever started the process. */
export function principalOf(auth: AuthInfo | undefined): string {
  if (!auth) return "local";
  const subject = auth.extra?.["sub"];
  return typeof subject === "string" ? subject : auth.clientId;
}
