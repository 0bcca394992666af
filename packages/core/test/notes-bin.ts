// The notes server as a process, for tests of starting, serving and ending.
import * as z from "zod";
import { defineOptions } from "../src/options.ts";
import { runServer } from "../src/stdio.ts";
import { notesDeps, notesServer } from "./notes-server.ts";

const options = defineOptions({
  token: {
    schema: z.string().optional(),
    env: "NOTES_TOKEN",
    credential: true,
    description: "Token of the notes service.",
  },
  size: { schema: z.number().int().min(1).max(10).default(3), description: "How many notes." },
  color: { schema: z.enum(["red", "green"]).default("red"), description: "Colour." },
});

await runServer(notesServer, {
  options,
  connect(_config, host) {
    // A pool that would keep the process alive for ever.
    setInterval(() => {}, 1_000);
    host.log.debug("connected");
    return notesDeps();
  },
  check: (_deps, config) => [
    {
      name: "token",
      ok: config.token.present,
      detail: config.token.present ? "set" : "not set",
      fix: "Set NOTES_TOKEN.",
    },
  ],
  commands: { login: { description: "Log in.", run: () => Promise.resolve(0) } },
});
