import { readFile } from "node:fs/promises";
import path from "node:path";
import { keyword, type Keyword, type Parameters } from "./parameters.ts";
import { configurationProblem } from "./problem.ts";

export interface ServicePlaces {
  /** The file of the `servicefile` parameter or PGSERVICEFILE, instead of the one in the home folder. */
  readonly file: string | undefined;
  readonly home: string;
  readonly env: NodeJS.ProcessEnv;
}

/** Where distributions have the system-wide file when PGSYSCONFDIR says nothing: Debian, Red Hat, PostgreSQL's own build. */
const systemFolders = ["/etc/postgresql-common", "/etc", "/usr/local/pgsql/etc"];

/**
 * The parameters of one service: of the person's file, else of the system's. Throws `unavailable` where no file has it, and
 * for a line that is none.
 * https://www.postgresql.org/docs/current/libpq-pgservice.html
 */
export async function serviceParameters(name: string, { file, home, env }: ServicePlaces): Promise<Parameters> {
  const own = file ?? path.join(home, ".pg_service.conf");
  const system = env["PGSYSCONFDIR"] ? [env["PGSYSCONFDIR"]] : systemFolders;
  for (const place of [own, ...system.map((folder) => path.join(folder, "pg_service.conf"))]) {
    const text = await readText(place);
    const found = text === undefined ? undefined : parseService(text, name, place);
    if (found) return found;
  }
  throw configurationProblem(`The service "${name}"`, `neither ${own} nor the system's pg_service.conf has it`);
}

async function readText(place: string): Promise<string | undefined> {
  try {
    return await readFile(place, "utf8");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    throw configurationProblem(place, `the service file cannot be read (${code})`);
  }
}

/** The section `[name]` of a service file; `undefined` without one. As in libpq, the first of two equal keys counts. */
export function parseService(text: string, name: string, place: string): Parameters | undefined {
  let found: Map<Keyword, string> | undefined;
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    const content = line.trim();
    if (content === "" || content.startsWith("#")) continue;
    if (content.startsWith("[")) {
      if (found) return found;
      if (content === `[${name}]`) found = new Map();
      continue;
    }
    if (!found) continue;
    const where = `${place}, line ${index + 1}`;
    if (content.startsWith("ldap")) throw configurationProblem(where, "services from LDAP are not supported");
    const [, key, value = ""] = /^([^=]*)=(.*)$/.exec(content) ?? [];
    if (key === undefined) throw configurationProblem(where, "expected name=value");
    const parameter = keyword(key, where);
    if (parameter === "service" || parameter === "servicefile")
      throw configurationProblem(where, "a service cannot name another service");
    if (!found.has(parameter)) found.set(parameter, value);
  }
  return found;
}
