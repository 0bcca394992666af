/** Settings that a client asks for when it connects: who it is, those of its own, and those in `options`. */
export function startupSettings(packet: Uint8Array): [name: string, value: string][] {
  const parts = Buffer.from(packet).subarray(8).toString("utf8").split("\0");
  const settings: [string, string][] = [];
  for (let i = 0; parts[i]; i += 2) {
    const name = parts[i] ?? "";
    const value = parts[i + 1] ?? "";
    if (name === "options") settings.push(...inOptions(value));
    else if (name === "user") settings.push(["session_authorization", value]);
    // There is one database, and no replication.
    else if (!["database", "replication"].includes(name) && !name.startsWith("_pq_.")) settings.push([name, value]);
  }
  return settings;
}

/** `-c name=value`, `--name=value`; a backslash keeps a space (https://www.postgresql.org/docs/18/runtime-config-client.html). */
function inOptions(options: string): [string, string][] {
  const words = [...options.matchAll(/(?:\\.|[^\\\s])+/gs)].map(([word]) => word.replaceAll(/\\(.)/gs, "$1"));
  const settings: [string, string][] = [];
  for (let i = 0; i < words.length; i++) {
    const word = words[i] ?? "";
    const text = word === "-c" ? words[++i] : /^(?:-c|--)(?<text>.+)$/s.exec(word)?.groups?.["text"];
    const at = text?.indexOf("=") ?? -1;
    if (text !== undefined && at > 0) settings.push([text.slice(0, at).replaceAll("-", "_"), text.slice(at + 1)]);
  }
  return settings;
}
