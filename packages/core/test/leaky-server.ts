import * as z from "zod";
import { defineServer } from "../src/definition.ts";
import { ToolError } from "../src/errors.ts";
import { untrusted } from "../src/fence.ts";
import type { Log } from "../src/log.ts";
import { promptFactory } from "../src/prompt.ts";
import { resourceFactory } from "../src/resource.ts";
import { toolFactory } from "../src/tool.ts";

/** A server that puts what it holds everywhere a server can put something: core has to keep it in. */
export interface Deps {
  /** Called for each use, so that a credential may be asked for late. */
  planted(): unknown;
  readonly log: Log;
}

const tool = toolFactory<Deps>();
const about = { title: "Leak", description: "Leaks.", access: "read" } as const;
const input = z.strictObject({ a: z.string().optional() });
const json = (value: unknown) => JSON.stringify(value);
const plain = (value: unknown) => texts(value).join(" ");

/** Every text in a value, names of members as well. */
export function texts(value: unknown): string[] {
  if (typeof value === "string") return [value];
  if (value === null || typeof value !== "object") return [];
  if (Array.isArray(value)) return value.flatMap(texts);
  return Object.entries(value).flatMap(([key, inner]) => [key, ...texts(inner)]);
}

const base64 = (value: unknown) => Buffer.from(plain(value)).toString("base64");

export const leakyTools = [
  tool({ ...about, name: "as_json", input, run: (_, { planted }) => planted(), render: json }),
  tool({ ...about, name: "as_text", input, run: (_, { planted }) => planted(), render: plain }),
  tool({
    ...about,
    name: "as_lines",
    input,
    run: (_, { planted }) => planted(),
    render: (data) => texts(data).join("\n"),
  }),
  tool({
    ...about,
    name: "as_quote",
    input,
    run: (_, { planted }) => planted(),
    render: (data) => untrusted(json(data)),
  }),
  tool({
    ...about,
    name: "as_exact",
    input,
    run: (_, { planted }) => planted(),
    render: (data) => untrusted(plain(data), { exact: true }),
  }),
  tool({ ...about, name: "as_base64", input, run: (_, { planted }) => planted(), render: base64 }),
  tool({
    ...about,
    name: "as_record",
    input,
    output: z.object({ value: z.unknown(), map: z.record(z.string(), z.unknown()) }),
    run: (_, { planted }) => ({ value: planted(), map: { [plain(planted())]: planted() } }),
  }),
  tool({
    ...about,
    name: "as_blocks",
    input,
    run: (_, { planted }) => planted(),
    render: (data) => [
      { type: "text", text: plain(data), annotations: { audience: ["user"] }, _meta: { data } },
      { type: "resource", resource: { uri: `leak://${plain(data)}`, mimeType: "text/plain", text: plain(data) } },
      { type: "resource", resource: { uri: "leak://blob", blob: base64(data), _meta: { data } } },
      {
        type: "resource_link",
        uri: `leak://${plain(data)}`,
        name: plain(data),
        title: plain(data),
        description: json(data),
      },
      { type: "image", data: base64(data), mimeType: "image/png" },
      { type: "audio", data: base64(data), mimeType: "audio/wav" },
    ],
  }),
  tool({
    ...about,
    name: "as_error",
    input,
    run(_, { planted }): string {
      const cause = new Error(plain(planted()), { cause: planted() });
      throw new ToolError("unavailable", plain(planted()), { hint: untrusted(json(planted())), cause });
    },
    render: json,
  }),
  tool({
    ...about,
    name: "as_mapped",
    input,
    run(_, { planted }): string {
      throw new URIError(plain(planted()));
    },
    render: json,
  }),
  tool({
    ...about,
    name: "as_crash",
    input,
    run(_, { planted }): string {
      throw Object.assign(new TypeError(plain(planted()), { cause: new Error(json(planted())) }), {
        code: plain(planted()),
      });
    },
    render: json,
  }),
  tool({ ...about, name: "as_thing", input, run: (_, { planted }) => reject(planted()), render: json }),
  tool({
    ...about,
    name: "as_denial",
    input,
    guard: (_, { planted }) => ({ deny: plain(planted()), hint: json(planted()) }),
    run: () => "",
    render: json,
  }),
  tool({
    ...about,
    name: "as_question",
    input,
    access: "destructive",
    guard: (_, { planted }) => ({ confirm: plain(planted()) }),
    question: (_, { planted }) => ({ target: plain(planted()), effect: json(planted()), quote: plain(planted()) }),
    run: (_, { planted }) => planted(),
    render: json,
  }),
  tool({
    ...about,
    name: "as_progress",
    input,
    run(_, { planted, progress }) {
      progress(0, 1, plain(planted()));
      progress(1, 1, untrusted(json(planted())));
      return "";
    },
    render: json,
  }),
  tool({
    ...about,
    name: "as_log",
    input,
    run(_, { planted, log }) {
      log.warn(plain(planted()), { planted: planted(), text: json(planted()), error: new Error(plain(planted())) });
      log.child({ planted: planted() }).error("child");
      return "";
    },
    render: json,
  }),
];

// oxlint-disable-next-line typescript/prefer-promise-reject-errors
const reject = (reason: unknown) => Promise.reject<string>(reason);

export const leakyServer = defineServer<Deps>({
  name: "leaky",
  title: "Leaky",
  version: "1.0.0",
  fenced: true,
  tools: leakyTools,
  resources: [
    resourceFactory<Deps>()({
      name: "leak",
      title: "Leak",
      description: "Leaks.",
      uri: "leak://{+name}",
      list: (_, { planted }) => ({
        resources: [
          {
            uri: `leak://${plain(planted())}`,
            name: plain(planted()),
            description: json(planted()),
            _meta: { data: planted() },
          },
        ],
        nextCursor: undefined,
      }),
      read(uri, _, { planted }) {
        if (uri === "leak://error") throw new ToolError("unavailable", plain(planted()), { hint: json(planted()) });
        if (uri === "leak://crash") throw new TypeError(plain(planted()));
        return [
          { uri, text: plain(planted()) },
          { uri: `leak://${plain(planted())}`, text: json(planted()), _meta: { data: planted() } },
          { uri, blob: base64(planted()) },
        ];
      },
      complete: { name: (_, { planted }) => texts(planted()) },
    }),
  ],
  prompts: [
    promptFactory<Deps>()({
      name: "leak",
      title: "Leak",
      description: "Leaks.",
      input: z.strictObject({ a: z.string() }),
      complete: { a: (_, { planted }) => texts(planted()) },
      messages: (_, { planted }) => [
        { role: "user", content: { type: "text", text: plain(planted()) } },
        { role: "assistant", content: { type: "resource", resource: { uri: "leak://x", text: json(planted()) } } },
      ],
    }),
  ],
  mapError: (error) =>
    error instanceof URIError
      ? new ToolError("conflict", error.message, { hint: error.message, cause: error })
      : undefined,
});
