import { runServer } from "@mooring/core/stdio";
import { createDatabase } from "./database.ts";
import { options } from "./options.ts";
import { server } from "./server.ts";

await runServer(server, {
  options,
  // Lazy: nothing is connected, and no credential read, before a call needs it.
  connect: ({ databaseUrl, timeout }) => ({ database: createDatabase(databaseUrl, timeout) }),
  async check({ database }) {
    await database.read("SELECT FROM items LIMIT 1", [], AbortSignal.timeout(15_000));
    return [{ name: "database", ok: true, detail: "answers" }];
  },
  close: ({ database }) => database.close(),
});
