import pg from "pg";

/** Writes files into a test server's data folder, as the server's own user, and lets it read its configuration again. */
export async function configure(
  url: string,
  files: Readonly<Record<string, string>>,
  settings: Readonly<Record<string, string>> = {},
): Promise<void> {
  const client = new pg.Client({ connectionString: url, ssl: false });
  await client.connect();
  try {
    for (const [name, text] of Object.entries(files)) {
      const lines = client.escapeLiteral(text.trimEnd());
      await client.query(
        `COPY (SELECT unnest(string_to_array(${lines}, E'\\n'))) TO PROGRAM 'umask 077; cat > ${name}'`,
      );
    }
    for (const [name, value] of Object.entries(settings))
      await client.query(`ALTER SYSTEM SET ${client.escapeIdentifier(name)} = ${client.escapeLiteral(value)}`);
    // New connections are served by the new configuration once the postmaster has read it.
    const { rows } = await client.query<{ at: Date }>("SELECT pg_conf_load_time() AS at, pg_reload_conf()");
    for (let left = 100; left > 0; left--) {
      await client.query("SELECT pg_sleep(0.02)");
      const { rows: now } = await client.query<{ at: Date }>("SELECT pg_conf_load_time() AS at");
      if (now[0]?.at.getTime() !== rows[0]?.at.getTime()) return;
    }
    throw new Error("The server did not read its configuration again.");
  } finally {
    await client.end();
  }
}
