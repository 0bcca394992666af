import { type Sample, startPostgres } from "@mooring/testing";
import pg from "pg";

/** What suites across servers need to run this one: a database to talk to, and a call with a known answer. */
export const sample: Sample = {
  call: { tool: "query", arguments: { sql: "SELECT name FROM items ORDER BY id" }, contains: "Lamp oil" },
  async start() {
    const service = await startPostgres();
    const client = new pg.Client(service.url);
    await client.connect();
    await client.query(`
      CREATE TABLE items (id integer PRIMARY KEY, name text NOT NULL UNIQUE, amount integer NOT NULL CHECK (amount >= 0));
      INSERT INTO items VALUES (1, 'Rope', 12), (2, 'Lamp oil', 3)`);
    await client.end();
    return {
      args: [],
      env: { DATABASE_URL: service.url },
      services: [service],
      [Symbol.asyncDispose]: () => service.stop(),
    };
  },
};
