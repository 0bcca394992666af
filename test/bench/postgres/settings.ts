import type { ConnectionSettings } from "../../../servers/postgres/src/connection/settings.ts";

/** Settings for a URL of the bench's own server, without any of the ways that the configuration has. */
export function settingsOf(url: string): ConnectionSettings {
  const { hostname, port, username, password, pathname } = new URL(url);
  return {
    addresses: [{ host: hostname, port: Number(port) }],
    user: username,
    database: pathname.slice(1),
    password: async () => password,
    ssl: { mode: "disable", options: {}, direct: false },
    target: "any",
    options: "",
    applicationName: "mooring-bench",
    connectTimeout: 10_000,
    pooler: false,
  };
}
