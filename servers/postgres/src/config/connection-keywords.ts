import { keyword, type Keyword, type Parameters } from "./parameters.ts";
import { configurationProblem } from "./problem.ts";

/**
 * `host=localhost user='a b' password=it\'s`, read as libpq reads it (fe-connect.c, conninfo_parse). Throws naming `where`, and
 * no part of the text that may be secret.
 * https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNSTRING-KEYWORD-VALUE
 */
export function parseConnectionKeywords(text: string, where: string): Parameters {
  const found = new Map<Keyword, string>();
  const pair = /\s*([^\s=]+)\s*=\s*(?:'((?:[^'\\]|\\.)*)'|((?:[^\s'\\]|\\.)(?:[^\s\\]|\\.)*)?)/sy;
  let last: Keyword | undefined;
  while (text.slice(pair.lastIndex).trim() !== "") {
    const [, name, quoted, bare = ""] = pair.exec(text) ?? [];
    // A word behind a password may be the rest of it.
    const quiet = last === "password" || last === "sslpassword";
    if (name === undefined)
      throw configurationProblem(
        where,
        "it is neither a URL (postgres://…) nor name=value pairs; a value with blanks or quotes stands in '…', with \\' for '",
      );
    last = keyword(name, where, { quiet });
    found.set(last, (quoted ?? bare).replace(/\\(.)/gs, "$1"));
  }
  return found;
}
