// A server whose tools return far more than anybody asked for, and one that says how much memory the process ever had.
import * as z from "zod";
import { defineServer } from "../src/definition.ts";
import { untrusted } from "../src/fence.ts";
import { defineOptions } from "../src/options.ts";
import { runServer } from "../src/stdio.ts";
import { toolFactory } from "../src/tool.ts";

const SIZE = 50_000_000;
const tool = toolFactory<object>();
const about = { title: "Heavy", description: "Heavy.", access: "read", input: z.strictObject({}) } as const;

/** As an upstream answers: one flat text, line by line. */
function text(line: string): string {
  return Buffer.alloc(SIZE, line).toString("utf8");
}

const LINE = "a line of text as there are many in a log file\n";

await runServer(
  defineServer<object>({
    name: "heavy",
    title: "Heavy",
    version: "1.0.0",
    tools: [
      tool({ ...about, name: "ascii", run: () => text(LINE), render: (data) => data }),
      tool({ ...about, name: "wide", run: () => text("€ 1.000,00 für Lösungen →\n"), render: (data) => data }),
      tool({
        ...about,
        name: "quoted",
        // Made here, as tables are: no bytes of an upstream beside it.
        run: () => LINE.repeat(SIZE / LINE.length),
        render: (data) => untrusted(data, { exact: true }),
      }),
      tool({
        ...about,
        name: "secrets",
        run: () => text(`${LINE}token ${process.env["HEAVY_TOKEN"]}\n`),
        render: (data) => data,
      }),
      tool({
        ...about,
        name: "blocks",
        run: () => Array.from({ length: 500 }, (_, i) => `${i} ${"x".repeat(SIZE / 500)}`),
        render: (data) => data.map((each) => ({ type: "text" as const, text: each })),
      }),
      tool({ ...about, name: "record", output: z.object({ text: z.string() }), run: () => ({ text: text(LINE) }) }),
      tool({
        ...about,
        name: "peak",
        output: z.object({ bytes: z.number() }),
        run: () => ({ bytes: process.resourceUsage().maxRSS * 1_024 }),
      }),
    ],
  }),
  {
    options: defineOptions({
      token: { schema: z.string().optional(), env: "HEAVY_TOKEN", credential: true, description: "A credential." },
    }),
    connect: () => ({}),
  },
);
