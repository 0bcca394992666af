import { type Sample, startPostgres } from "@mooring/testing";
import pg from "pg";

const schema = `
  CREATE TABLE items (
    id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text NOT NULL UNIQUE,
    amount integer NOT NULL CHECK (amount >= 0),
    note text NOT NULL DEFAULT ''
  );
  INSERT INTO items (name, amount, note) VALUES ('Rope', 12, 'Behind the door.'), ('Lamp oil', 3, 'Mind the fire.');
`;

/** What suites across servers need to run this one: a service to talk to, and a call with a known answer. */
export const sample: Sample = {
  call: { tool: "list_items", arguments: {}, contains: "Lamp oil" },
  async start() {
    const service = await startPostgres();
    const client = new pg.Client(service.url);
    await client.connect();
    await client.query(schema);
    await client.end();
    return {
      args: [],
      env: { DATABASE_URL: service.url },
      services: [service],
      [Symbol.asyncDispose]: () => service.stop(),
    };
  },
};
