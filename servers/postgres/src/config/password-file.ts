import { readFile, stat } from "node:fs/promises";
import path from "node:path";

/** What a line of a password file is looked up by. */
export interface Login {
  /** As it was given, before it is looked up; a socket's folder for Unix sockets. */
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
}

/** `~/.pgpass`, on Windows `%APPDATA%\postgresql\pgpass.conf`. */
export function standardPasswordFile(home: string, env: NodeJS.ProcessEnv, platform = process.platform): string {
  return platform === "win32"
    ? path.join(env["APPDATA"] ?? home, "postgresql", "pgpass.conf")
    : path.join(home, ".pgpass");
}

/**
 * The password of the first line that fits. A file that others may read, or that is none, is passed over with a warning, as
 * libpq does; one that is not there, in silence.
 * https://www.postgresql.org/docs/current/libpq-pgpass.html
 */
export async function passwordFromFile(
  file: string,
  login: Login,
  log: { warn(message: string): void },
): Promise<string | undefined> {
  try {
    const found = await stat(file);
    if (!found.isFile()) {
      log.warn(`The password file ${file} is passed over: it is no regular file.`);
      return undefined;
    }
    if (process.platform !== "win32" && (found.mode & 0o077) !== 0) {
      log.warn(`The password file ${file} is passed over: others may read it; chmod 600 closes it.`);
      return undefined;
    }
    return findPassword(await readFile(file, "utf8"), login);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== "ENOENT" && code !== "ENOTDIR")
      log.warn(`The password file ${file} is passed over: it cannot be read (${code}).`);
    return undefined;
  }
}

/** Where libpq was built to look for sockets: its password file calls those `localhost`. */
const standardSockets: readonly string[] = ["/tmp", "/var/run/postgresql", "/run/postgresql"];

/** `host:port:database:user:password`, where `*` fits all, and `\` stands before a `:` or `\` that is meant. */
export function findPassword(text: string, { host, port, database, user }: Login): string | undefined {
  const wanted = [standardSockets.includes(host) ? "localhost" : host, String(port), database, user];
  for (const line of text.split(/\r?\n/)) {
    if (line.startsWith("#")) continue;
    const fields = line.match(/^((?:[^:\\]|\\.)*):((?:[^:\\]|\\.)*):((?:[^:\\]|\\.)*):((?:[^:\\]|\\.)*):(.*)$/);
    if (!fields) continue;
    const [, ...parts] = fields;
    const password = plain(parts.pop() ?? "");
    if (parts.every((part, i) => part === "*" || plain(part) === wanted[i]))
      return password === "" ? undefined : password;
  }
  return undefined;
}

function plain(field: string): string {
  return field.replace(/\\(.)/g, "$1");
}
