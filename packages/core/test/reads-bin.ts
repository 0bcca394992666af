// A server whose tools only read and ask nobody: over stdio their calls are answered before the SDK sees them.
import { setTimeout as sleep } from "node:timers/promises";
import * as z from "zod";
import { defineServer } from "../src/definition.ts";
import { ToolError } from "../src/errors.ts";
import { runServer } from "../src/stdio.ts";
import { toolFactory } from "../src/tool.ts";

const tool = toolFactory<{ readonly aborted: string[] }>();

const rest = tool({
  name: "rest",
  title: "Rest",
  description: "Answers after a while.",
  access: "read",
  input: z.strictObject({ ms: z.number(), name: z.string().default("") }),
  async run({ ms, name }, { aborted, signal, progress }) {
    progress(1, 2, "resting");
    await sleep(ms, undefined, { signal }).catch(() => {
      aborted.push(name);
      throw new ToolError("cancelled", "No rest.");
    });
    return {};
  },
  render: () => "rested",
});

const aborted = tool({
  name: "aborted",
  title: "What was aborted",
  description: "The names of the calls that heard of their end.",
  access: "read",
  input: z.strictObject({}),
  run: (_input, { aborted }) => aborted,
  render: (names) => names.join(" "),
});

const fill = tool({
  name: "fill",
  title: "Fill",
  description: "A long text.",
  access: "read",
  maxBytes: 1_000_000,
  input: z.strictObject({ length: z.number().max(1_000_000) }),
  run: ({ length }) => "x".repeat(length),
  render: (text) => text,
});

const fail = tool({
  name: "fail",
  title: "Fail",
  description: "Fails.",
  access: "read",
  input: z.strictObject({}),
  run: (): string => {
    throw new TypeError("password is hunter2 at /srv/app.ts:3");
  },
  render: (text) => text,
});

await runServer(defineServer({ name: "reads", title: "Reads", version: "1.0.0", tools: [rest, aborted, fill, fail] }), {
  options: {},
  connect: () => ({ aborted: [] }),
});
