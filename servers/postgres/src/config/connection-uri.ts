import { keyword, type Keyword, type Parameters } from "./parameters.ts";
import { configurationProblem } from "./problem.ts";

const scheme = /^postgres(?:ql)?:\/\//;

export function isConnectionUri(text: string): boolean {
  return scheme.test(text);
}

/**
 * `postgresql://user:password@h1:5432,[::1]:5433/name?sslmode=require`, read as libpq reads it (fe-connect.c,
 * conninfo_uri_parse); a URL parser takes no list of hosts. Throws naming `where`, and no part of the text that may be secret.
 * https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNSTRING-URIS
 */
export function parseConnectionUri(text: string, where: string): Parameters {
  const found = new Map<Keyword, string>();
  const put = (name: Keyword, value: string) => {
    if (value !== "") found.set(name, decode(value, where));
  };
  const [, login, authority = "", path = "", query] =
    /^(?:([^@/]*)@)?([^/?]*)(?:\/([^?]*))?(?:\?(.*))?$/s.exec(text.replace(scheme, "")) ?? [];
  if (login !== undefined) {
    const [user = "", ...password] = login.split(":");
    put("user", user);
    put("password", password.join(":"));
  }
  // An @ that ended no login: a password with a / in it looks like this, and is no host, port and database.
  const quiet = login === undefined && text.includes("@");
  if (quiet && path.includes("@")) throw configurationProblem(where, unescaped);
  const places = authority === "" ? [] : authority.split(",").map((place) => splitPlace(place, where));
  put("host", places.map(({ host }) => host).join(","));
  if (places.some(({ port }) => port !== "")) put("port", places.map(({ port }) => port).join(","));
  put("dbname", path);
  for (const pair of query ? query.split("&") : []) {
    const [name = "", value, ...more] = pair.split("=");
    if (value === undefined || more.length > 0)
      throw configurationProblem(
        where,
        "each parameter behind the ? is written name=value; = and & in values are %3D and %26",
      );
    const key = decode(name, where);
    // JDBC's way, which libpq takes as well.
    if (key === "ssl" && value === "true") found.set("sslmode", "require");
    else found.set(keyword(key, where, { quiet }), decode(value, where));
  }
  return found;
}

const unescaped =
  "a host is written HOST or HOST:PORT, an IPv6 address in brackets; in user, password and name write @ as %40, : as %3A, / as %2F";

function splitPlace(place: string, where: string): { readonly host: string; readonly port: string } {
  const [, address, name, port = ""] = /^(?:\[([^\]]+)\]|([^:[\]@]*))(?::(\d*))?$/.exec(place) ?? [];
  const host = address ?? name;
  if (host !== undefined) return { host, port };
  throw configurationProblem(where, unescaped);
}

function decode(text: string, where: string): string {
  try {
    const decoded = decodeURIComponent(text);
    if (!decoded.includes("\0")) return decoded;
  } catch {
    // Said below; the error itself has no more to say.
  }
  throw configurationProblem(where, "a % in it begins no character in UTF-8 (%25 stands for the % itself)");
}
