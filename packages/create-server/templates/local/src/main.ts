import { runServer } from "@mooring/core/stdio";
import { openNotes } from "./notes.ts";
import { options } from "./options.ts";
import { server } from "./server.ts";

await runServer(server, {
  options,
  // Lazy: a folder that is not there is an error of the call that needs it.
  connect: ({ directory, pollSeconds }) => ({ notes: openNotes(directory[0]), pollMs: pollSeconds * 1_000 }),
  async check({ notes }) {
    await notes.list();
    return [{ name: "folder", ok: true, detail: "can be read" }];
  },
});
