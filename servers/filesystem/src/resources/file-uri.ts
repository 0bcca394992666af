import { ToolError } from "@mooring/core";
import { fromBytes, toBytes } from "../sandbox/names.ts";

const WINDOWS = process.platform === "win32";
// RFC 8089; `?` and `#` have no meaning in file URIs and stay part of the name.
const FILE_URI = /^file:(?:\/\/([^/]*)|(?!\/\/))(\/.*)$/is;

/**
 * The path a file URI names, percent-decoded exactly once.
 * Throws `invalid_input` for other schemes and hosts, for escaped slashes and NUL, and for what is no escape.
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

// Escapes are bytes: a name that is no UTF-8 has a URI as well.
function decoded(encoded: string): string {
  const bytes = Buffer.from(encoded, "utf8")
    .toString("latin1")
    .replace(/%(..?|$)/gs, (_, digits: string) => {
      if (!/^[0-9a-f]{2}$/i.test(digits)) throw refused("The URI has a percent sign that begins no escape.");
      return String.fromCharCode(parseInt(digits, 16));
    });
  return fromBytes(bytes);
}

function refused(message: string): ToolError {
  return new ToolError("invalid_input", message, { hint: "Name the file as file:///absolute/path, escaped once." });
}

/** The URI of an absolute path: `file:///srv/data/a%20b.txt`, on Windows `file:///C:/data`. */
export function uriOfPath(path: string): string {
  const slashed = WINDOWS ? path.replaceAll("\\", "/") : path;
  const rooted = slashed.startsWith("/") ? slashed : `/${slashed}`;
  const escaped = toBytes(rooted).replace(/[^\w\-.~/:!$&'()*+,;=@]/g, (byte) => `%${hex(byte.charCodeAt(0))}`);
  return `file://${escaped}`;
}

function hex(byte: number): string {
  return byte.toString(16).toUpperCase().padStart(2, "0");
}
