import { ToolError } from "@mooring/core";

const WINDOWS = process.platform === "win32";
// RFC 8089; `?` and `#` have no meaning in file URIs and stay part of the name.
const FILE_URI = /^file:(?:\/\/([^/]*))?(\/.*)$/is;

/**
 * The path a file URI names, percent-decoded exactly once.
 * Throws `invalid_input` for other schemes and hosts, for escaped slashes and NUL, and for escapes that are no UTF-8.
 */
export function pathOfUri(uri: string): string {
  const match = FILE_URI.exec(uri);
  if (!match) throw refused("The URI is no file URI.");
  const [, authority = "", encoded = ""] = match;
  if (authority !== "" && authority.toLowerCase() !== "localhost")
    throw refused("The URI names another host; only files of this machine are served.");
  if (/%2f|%00/i.test(encoded) || (WINDOWS && /%5c/i.test(encoded)))
    throw refused("The URI has an escaped slash or NUL, which no file name can hold.");
  const path = decoded(encoded);
  // file:///C:/x names C:/x
  return WINDOWS && /^\/[a-z]:/i.test(path) ? path.slice(1) : path;
}

function decoded(encoded: string): string {
  try {
    return decodeURIComponent(encoded);
  } catch {
    throw refused("The URI has an escape that is no UTF-8.");
  }
}

function refused(message: string): ToolError {
  return new ToolError("invalid_input", message, { hint: "Name the file as file:///absolute/path, escaped once." });
}

/** The URI of an absolute path: `file:///srv/data/a%20b.txt`, on Windows `file:///C:/data`. */
export function uriOfPath(path: string): string {
  const slashed = WINDOWS ? path.replaceAll("\\", "/") : path;
  const rooted = slashed.startsWith("/") ? slashed : `/${slashed}`;
  return `file://${encodeURI(rooted).replace(/[?#[\]]/g, encodeURIComponent)}`;
}
