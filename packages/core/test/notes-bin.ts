// The notes server as a process, for tests of starting, serving and ending.
import * as z from "zod";
import { secretMembers } from "../src/credentials.ts";
import { ToolError } from "../src/errors.ts";
import { untrusted } from "../src/fence.ts";
import { limitArgument } from "../src/limit-argument.ts";
import { defineOptions } from "../src/options.ts";
import { scopeMemory } from "../src/scope-memory.ts";
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
  note: { schema: z.string().optional(), description: "The only note." },
  accounts: {
    schema: z
      .record(z.string(), z.strictObject({ ...secretMembers("token"), password: z.string().optional() }))
      .default({}),
    flag: false,
    description: "Accounts by name.",
  },
});

let memory: ReturnType<typeof scopeMemory> | undefined;

/** What the service's client throws. */
class Refusal extends Error {}

const mapError = (error: unknown) =>
  error instanceof Refusal
    ? new ToolError("denied", `The service refuses: ${untrusted(error.message)}`, { hint: "Ask for another token." })
    : notesServer.mapError?.(error);

await runServer(
  { ...notesServer, mapError },
  {
    options,
    configure: (definition, { note }) => (note === undefined ? definition : limitArgument(definition, "name", [note])),
    connect(_config, host) {
      // A pool that would keep the process alive for ever.
      setInterval(() => {}, 1_000);
      host.log.debug("connected");
      return notesDeps();
    },
    async check(_deps, config) {
      if (config.size === 7) throw new Refusal("not today");
      await memory?.remember(config.token, ["notes:read"]);
      return [
        {
          name: "token",
          ok: config.token.present,
          detail: config.token.present ? "set" : "not set",
          fix: "Set NOTES_TOKEN.",
        },
      ];
    },
    async hidden({ token }, { stateDir, log }) {
      memory ??= scopeMemory(stateDir, log);
      const scopes = await memory.recall(token);
      return new Map(scopes && !scopes.includes("notes:count") ? [["count", "the token lacks notes:count"]] : []);
    },
    answers: {
      "print-size": {
        description: "Print how many notes there are.",
        run: ({ size }, { env }) =>
          size > 9 ? Promise.reject(new Error("too many")) : `${size} notes ${env["NOTES_TOKEN"]}`,
      },
    },
    commands: {
      login: { description: "Log in.", run: () => Promise.resolve(0) },
      whoami: {
        description: "Say who each account is.",
        async run({ accounts }, { credential }) {
          for (const [name, from] of Object.entries(accounts)) {
            const token = await credential(`accounts.${name}.token`, { from }).get();
            process.stdout.write(`${name} ${token.length}\n`);
          }
          return 0;
        },
      },
    },
  },
);
