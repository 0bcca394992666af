import { createHttpApi } from "@mooring/core";
import { runServer } from "@mooring/core/stdio";
import { mapError } from "./errors.ts";
import { options } from "./options.ts";
import { server } from "./server.ts";

await runServer(server, {
  options,
  // Lazy: nothing is sent, and no credential read, before a call needs it.
  connect: (config, host) => ({
    api: createHttpApi({
      name: "Example",
      url: config.url,
      host,
      mapError,
      // begin: auth
      credential: { from: config.token },
      // end: auth
    }),
    // begin: samples
    pollMs: config.pollSeconds * 1_000,
    // end: samples
  }),
  // begin: samples
  async check({ api }) {
    await api.send({ method: "GET", path: "/tickets", query: { limit: 1 }, signal: AbortSignal.timeout(15_000) });
    return [{ name: "service", ok: true, detail: "answers" }];
  },
  // end: samples
});
