// The leaky server as a process: its credential comes as an operator would give it.
import * as z from "zod";
import { runServer } from "../src/stdio.ts";
import { defineOptions } from "../src/options.ts";
import { ToolError } from "../src/errors.ts";
import { leakyServer } from "./leaky-server.ts";

const options = defineOptions({
  token: { schema: z.string().optional(), env: "LEAKY_TOKEN", credential: true, description: "What must not leave." },
  url: { schema: z.string().default(""), description: "Where the service is." },
  databases: {
    schema: z.record(z.string(), z.object({ url: z.string() })).default({}),
    description: "Databases by name.",
  },
  crash: { schema: z.enum(["no", "url", "thing", "tool"]).default("no"), description: "How to fail at the start." },
});

await runServer(leakyServer, {
  options,
  async connect({ token, crash, url }, { log }) {
    const secret = await token.get();
    log.warn(`connecting with ${secret}`, { secret, anything: secret });
    if (crash === "url") new URL(`not a url ${secret} ${url}`);
    if (crash === "thing") throw { secret };
    if (crash === "tool")
      throw new ToolError("unauthenticated", `${secret} was refused.`, { hint: `Replace ${secret}.` });
    return { planted: () => ({ deep: [{ [`key ${secret}`]: `value ${secret}`, url }] }), log };
  },
  check: async (_deps, { token }) => [
    { name: `token ${await token.get()}`, ok: false, detail: await token.get(), fix: `Replace ${await token.get()}.` },
  ],
  account: ({ url }) => url || undefined,
  commands: {
    login: {
      description: "Log in.",
      async run({ token }) {
        throw new Error(`no login with ${await token.get()}`);
      },
    },
  },
});
