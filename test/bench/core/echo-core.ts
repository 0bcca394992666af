// An echo server on core: `node echo-core.ts <number of tools> <http|stdio>`.
import { defineServer, toolFactory } from "@mooring/core";
import { runServer } from "@mooring/core/stdio";
import * as z from "zod";

const [count = "1", ...flags] = process.argv.splice(2);
process.argv.push(...flags);
const tool = toolFactory<object>();
const echo = (name: string) =>
  tool({
    name,
    title: "Echo",
    description: "Answers with what it was given.",
    access: "read",
    input: z.strictObject({ text: z.string(), ms: z.number().default(0) }),
    run: ({ text, ms }) => (ms === 0 ? text : new Promise<string>((resolve) => setTimeout(() => resolve(text), ms))),
    render: (text) => text,
  });

await runServer(
  defineServer({
    name: "echo",
    title: "Echo",
    version: "0.0.0",
    tools: Array.from({ length: Number(count) }, (_, i) => echo(i === 0 ? "echo" : `echo_${i}`)),
  }),
  { options: {}, connect: () => ({}) },
);
