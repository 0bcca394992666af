import * as z from "zod";
import { defineServer } from "../src/definition.ts";
import { ToolError } from "../src/errors.ts";
import { untrusted } from "../src/fence.ts";
import { promptFactory } from "../src/prompt.ts";
import { resourceFactory } from "../src/resource.ts";
import { toolFactory } from "../src/tool.ts";

/** A small service for core's own tests: notes in memory. */
export interface Deps {
  readonly notes: Map<string, string>;
  /** What handlers saw, in order. */
  readonly seen: string[];
  readonly watched: Map<string, () => void>;
}

export function notesDeps(): Deps {
  return { notes: new Map([["one", "first"]]), seen: [], watched: new Map() };
}

const tool = toolFactory<Deps>();
const resource = resourceFactory<Deps>();
const prompt = promptFactory<Deps>();

export const readNote = tool({
  name: "read",
  title: "Read a note",
  description: "Reads one note.",
  access: "read",
  input: z.strictObject({ name: z.string() }),
  run({ name }, { notes, seen }) {
    seen.push(`read ${name}`);
    const text = notes.get(name);
    if (text === undefined)
      throw new ToolError("not_found", `There is no note "${name}".`, { hint: "Call `list` first." });
    return { text };
  },
  render: ({ text }) => untrusted(text),
});

export const countNotes = tool({
  name: "count",
  title: "Count notes",
  description: "How many notes there are.",
  access: "read",
  input: z.strictObject({}),
  output: z.object({ count: z.number() }),
  // The upstream's other fields stay in the process.
  run: (_input, { notes }) => ({ count: notes.size, internal: "planted" }),
});

export const writeNote = tool({
  name: "write",
  title: "Write a note",
  description: "Writes one note.",
  access: { by: "mode", create: "write", replace: "destructive" },
  marksAllowedIn: ["old"],
  input: z.strictObject({
    name: z.string(),
    text: z.string(),
    old: z.string().optional(),
    mode: z.enum(["create", "replace"]).default("create").describe("What may happen to a note that is there."),
  }),
  question: ({ name }) => ({
    target: `the note "${name}"`,
    effect: "replaces its text for good",
    quote: "ignore\u202e this",
  }),
  run({ name, text, mode }, { notes, seen }) {
    seen.push(`write ${name} ${mode}`);
    if (mode === "create" && notes.has(name)) throw new ToolError("conflict", `The note "${name}" exists.`);
    notes.set(name, text);
    return {};
  },
  render: () => "written",
});

export const moveNote = tool({
  name: "move",
  title: "Rename a note",
  description: "Renames one note.",
  access: { by: "overwrite", false: "write", true: "destructive" },
  input: z.strictObject({ from: z.string(), to: z.string(), overwrite: z.boolean().default(false) }),
  run: ({ from, to }, { seen }) => void seen.push(`move ${from} ${to}`),
  render: () => "moved",
});

export const deleteNote = tool({
  name: "delete",
  title: "Delete a note",
  description: "Deletes one note.",
  access: "destructive",
  toolset: "danger",
  input: z.strictObject({ name: z.string() }),
  run: ({ name }, { notes, seen }) => {
    seen.push(`delete ${name}`);
    return notes.delete(name);
  },
  render: (was) => (was ? "deleted" : "was not there"),
});

export const guarded = tool({
  name: "guarded",
  title: "Guarded",
  description: "Has a guard that answers by name.",
  access: "read",
  input: z.strictObject({ name: z.string() }),
  guard({ name }) {
    if (name === "forbidden") return { deny: "This note is off limits.", hint: "Use another." };
    if (name === "ask") return { confirm: "it was written by somebody else" };
    if (name === "broken") throw new Error("guard bug");
    return "allow";
  },
  run: ({ name }, { seen }) => void seen.push(`guarded ${name}`),
  render: () => "ok",
});

/** Waits for as long as asked; hears of its signal. */
export const wait = tool({
  name: "wait",
  title: "Wait",
  description: "Waits.",
  access: { by: "change", false: "read", true: "write" },
  input: z.strictObject({ ms: z.number(), change: z.boolean().default(false), deaf: z.boolean().default(false) }),
  async run({ ms, deaf }, { signal, seen, progress }) {
    progress(0, ms);
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(resolve, ms);
      if (!deaf)
        signal.addEventListener("abort", () => {
          clearTimeout(timer);
          seen.push("aborted");
          reject(signal.reason as Error);
        });
    });
    progress(ms, ms);
    return {};
  },
  render: () => "waited",
});

export const fail = tool({
  name: "fail",
  title: "Fail",
  description: "Fails in a way of your choice.",
  access: "read",
  input: z.strictObject({ how: z.enum(["internal", "mapped", "recursion", "secret"]) }),
  run({ how }) {
    if (how === "mapped") throw new URIError("service said no");
    if (how === "recursion") return recurse();
    if (how === "secret")
      throw new ToolError("unavailable", "The service answered ghp_0123456789abcdefghijABCDEFGHIJ012345.");
    throw new TypeError("password is hunter2 at /srv/app.ts:3");
  },
  render: () => "never",
});

function recurse(): string {
  return recurse() + "x";
}

const note = resource({
  name: "note",
  title: "A note",
  description: "The text of one note.",
  uri: "note://{name}",
  mimeType: "text/plain",
  list: (cursor, { notes }) => {
    const names = [...notes.keys()];
    const start = cursor === undefined ? 0 : Number(cursor);
    return {
      resources: names.slice(start, start + 2).map((name) => ({ uri: `note://${name}`, name })),
      nextCursor: start + 2 < names.length ? String(start + 2) : undefined,
    };
  },
  read: (uri, { name = "" }, { notes }) => {
    const text = notes.get(name);
    if (text === undefined) throw new ToolError("not_found", "There is no such note.");
    return [{ uri, mimeType: "text/plain", text }];
  },
  complete: { name: (value, { notes }) => [...notes.keys()].filter((name) => name.startsWith(value)) },
  watch: (uri, changed, { watched, notes }) => {
    if (!notes.has(uri.slice("note://".length))) throw new ToolError("not_found", "There is no such note.");
    watched.set(uri, changed);
    return () => void watched.delete(uri);
  },
});

const summary = resource({
  name: "summary",
  title: "Summary",
  description: "All notes at once.",
  uri: "notes://summary",
  read: (uri, _variables, { notes }) => [{ uri, text: [...notes.values()].join("\n") }],
});

const greet = prompt({
  name: "greet",
  title: "Greet",
  description: "Greets somebody.",
  input: z.strictObject({ who: z.string().describe("Whom to greet."), how: z.string().optional() }),
  complete: { who: (value) => Array.from({ length: 150 }, (_, i) => `${value}${i}`) },
  messages: ({ who }) => [{ role: "user", content: { type: "text", text: `Hello, ${who}!` } }],
});

export const notesServer = defineServer<Deps>({
  name: "notes",
  title: "Notes",
  version: "1.2.3",
  instructions: "Notes in memory.",
  fenced: true,
  tools: [readNote, countNotes, writeNote, moveNote, deleteNote, guarded, wait, fail],
  toolsets: { danger: { description: "What cannot be taken back.", default: true } },
  resources: [note, summary],
  prompts: [greet],
  aliases: { tools: { get: "read" }, arguments: { read: { title: "name" } } },
  mapError: (error) =>
    error instanceof URIError
      ? new ToolError("unavailable", "The service is down.", { retryAfterMs: 2_000, cause: error })
      : undefined,
});
