import type pg from "pg";

/** For `skip`: the reason that a report shows. */
export const withoutHypopg = "PostgreSQL here has no hypopg (Debian: postgresql-15-hypopg)";

/** Creates the extension where the server has it, and says whether. */
export async function createHypopg(client: pg.Client): Promise<boolean> {
  const { rowCount } = await client.query("SELECT FROM pg_available_extensions WHERE name = 'hypopg'");
  if (rowCount === 0) return false;
  await client.query("CREATE EXTENSION hypopg");
  return true;
}
