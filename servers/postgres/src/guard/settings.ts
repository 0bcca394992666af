import type { CatalogRow } from "../database.ts";
import type { Ask } from "./guard.ts";
import { believing } from "./believing.ts";
import type { Inspection } from "./proof.ts";
import { refused, words } from "./refused.ts";
import { settingRelations } from "./vouched.ts";

/** Settings whose value is a secret or a command of the server's machine that often holds one. */
const secretNames =
  /^ssl_passphrase_command$|\.(.*[._])?(pass(word|wd|phrase)?|secret|token|(api|access|private|service|encryption|signing|auth)[_-]?key|credentials?|conninfo|dsn)s?$/i;
const secretValues =
  /\b(pass(word|wd|phrase)?|sslpassword|secret|token|(api|access|private|service|encryption)[_-]?key|credentials?)["']?\s*[=:]\s*["']?[^\s"']|:\/\/[^\s/:@]*:[^\s/@]+@|\b(echo|printf)\s/i;
/** Of PostgreSQL's own settings those that can hold such a thing: no other needs a look. */
const worthALook = /\.|conninfo|_command$|_library$|passphrase/;

interface Setting extends CatalogRow {
  readonly name: string | null;
  readonly value: string | null;
}

const sources = {
  settings: "SELECT name, setting AS value FROM pg_catalog.pg_settings",
  roles: `SELECT pg_catalog.split_part(x.entry, '=', 1) AS name, pg_catalog.substr(x.entry, pg_catalog.strpos(x.entry, '=') + 1) AS value
            FROM pg_catalog.pg_db_role_setting s CROSS JOIN LATERAL pg_catalog.unnest(s.setconfig) x(entry)`,
  options: `SELECT x.entry AS name, '' AS value FROM (
              SELECT pg_catalog.unnest(srvoptions) FROM pg_catalog.pg_foreign_server
              UNION ALL SELECT pg_catalog.unnest(fdwoptions) FROM pg_catalog.pg_foreign_data_wrapper
              UNION ALL SELECT pg_catalog.unnest(ftoptions) FROM pg_catalog.pg_foreign_table) x(entry)`,
  named: `SELECT x.name, pg_catalog.current_setting(x.name, true) AS value FROM pg_catalog.unnest($1::text[]) x(name)`,
} as const;

/** Keeps secrets in settings from being read: whether there are any, the catalog says. */
export function createSettingsGuard(ask: Ask) {
  const secrets = believing(async (source: Exclude<keyof typeof sources, "named">, signal) =>
    (await ask<Setting>(sources[source], [], signal)).filter(isSecret).map(({ name }) => name ?? ""),
  );

  /** Throws `denied`. `relations`: the system relations that are read. */
  return async ({ settings, anySetting, functions }: Inspection, relations: readonly string[], signal: AbortSignal) => {
    if (anySetting)
      throw refused("current_setting with a computed name", "Write the name of the setting as a literal.");
    const wanted = settings.filter((name) => worthALook.test(name));
    if (wanted.length > 0) {
      // Where the role may not read one, it is PostgreSQL that refuses.
      const found = await ask<Setting>(
        sources.named,
        [`{${wanted.map((name) => JSON.stringify(name)).join(",")}}`],
        signal,
      ).catch(() => []);
      for (const each of found)
        if (isSecret(each)) throw refused(`the setting ${each.name}`, "It holds a secret: name another setting.");
    }
    const all = settings.includes("all") || functions.some((name) => name.at(-1) === "pg_show_all_settings");
    const read = new Set(relations.flatMap((name) => settingRelations.get(name) ?? []));
    if (all) read.add("settings");
    for (const source of read) {
      const [secret] = await secrets(source, signal);
      if (secret !== undefined)
        throw refused(
          source === "settings"
            ? "reading all settings"
            : `the relation ${relations.find((name) => settingRelations.get(name) === source)}`,
          source === "settings"
            ? words`${secret} holds a secret: SHOW the one that you need.`
            : "It holds a secret: look elsewhere.",
        );
    }
  };
}

function isSecret({ name, value }: Setting): boolean {
  const [key, text] = [name ?? "", value ?? ""];
  return (text !== "" && secretNames.test(key)) || secretValues.test(`${key} ${text}`);
}
