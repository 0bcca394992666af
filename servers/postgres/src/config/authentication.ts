import type { Authentication } from "../connection/settings.ts";
import { authenticationMethods } from "../connection/settings.ts";
import { choice } from "./choice.ts";
import type { Layers } from "./layers.ts";
import { configurationProblem } from "./problem.ts";

/**
 * Which ways to log in the person allows: `require_auth` (a list, or a list of exceptions with `!`) and `channel_binding`.
 * https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNECT-REQUIRE-AUTH
 */
export function authenticationOf(given: Layers): Authentication {
  const channelBinding = choice(given, "channel_binding", ["disable", "prefer", "require"], "prefer") === "require";
  const names = given
    .get("require_auth")
    ?.split(",")
    .map((name) => name.trim());
  if (names === undefined) return { channelBinding, methods: authenticationMethods };
  const where = given.where("require_auth");
  const excluded = names.filter((name) => name.startsWith("!")).map((name) => name.slice(1));
  if (excluded.length > 0 && excluded.length < names.length)
    throw configurationProblem(where, "names with ! and names without do not go together");
  const listed = excluded.length > 0 ? excluded : names;
  const known: readonly string[] = [...authenticationMethods, "gss", "sspi", "oauth"];
  if (listed.some((name) => !known.includes(name)))
    throw configurationProblem(where, `expected names of ${known.join(", ")}`);
  const methods = authenticationMethods.filter((method) => listed.includes(method) === (excluded.length === 0));
  return { channelBinding, methods };
}
