import { createHttpApi } from "@mooring/core";
import { runServer } from "@mooring/core/stdio";
import { options } from "./options.ts";
import { server } from "./server.ts";

await runServer(server, {
  options,
  // Lazy: nothing is sent, and no credential read, before a call needs it.
  connect: ({ url, token, poll }, host) => ({
    api: createHttpApi({ name: "Example", url, host, credential: { from: token } }),
    pollMs: poll,
  }),
  async check({ api }) {
    await api.send({ method: "GET", path: "/tickets", query: { limit: 1 }, signal: AbortSignal.timeout(15_000) });
    return [{ name: "service", ok: true, detail: "answers" }];
  },
});
