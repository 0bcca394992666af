import { expect, test } from "vitest";
import * as z from "zod";
import { defineOptions, duration } from "../src/options.ts";
import { serverSurface } from "../src/server-surface.ts";
import { toolFactory } from "../src/tool.ts";
import { notesServer } from "./notes-server.ts";

const options = defineOptions({
  directories: { schema: z.array(z.string()).default([]), positional: true, description: "Where." },
  token: { schema: z.string().optional(), env: "NOTES_TOKEN", credential: true, description: "Secret." },
  url: { schema: z.string(), flag: "service-url", description: "Where the service is." },
  pause: { schema: duration("90s"), description: "How long." },
  mode: { schema: z.enum(["fast", "safe"]).default("safe"), description: "How." },
});

const parsed = (definition: typeof notesServer = notesServer) =>
  JSON.parse(serverSurface(definition, options)) as Record<string, Record<string, unknown>>;

test("each option with what a configuration names it by", () => {
  const { options: found = {} } = parsed();
  const own = Object.fromEntries(Object.keys(options).map((key) => [key, found[key]]));
  expect(own).toEqual({
    directories: {
      variable: "MOORING_NOTES_DIRECTORIES",
      kind: "list",
      default: [],
      positional: true,
      required: false,
    },
    token: { variable: "NOTES_TOKEN", kind: "text", credential: true, required: false },
    url: { flag: "service-url", variable: "MOORING_NOTES_URL", kind: "text", required: true },
    pause: { flag: "pause", variable: "MOORING_NOTES_PAUSE", kind: "text", default: "90s", required: false },
    mode: {
      flag: "mode",
      variable: "MOORING_NOTES_MODE",
      kind: "text",
      values: ["fast", "safe"],
      default: "safe",
      required: false,
    },
  });
  expect(found["access"]).toMatchObject({ flag: "access", values: ["read", "write", "full"], default: "read" });
  expect(found["redact"]).toMatchObject({ default: "own" });
  expect(parsed({ ...notesServer, redact: "patterns" })["options"]?.["redact"]).toMatchObject({ default: "patterns" });
});

test("resources, prompts, toolsets, aliases and what each tool needs", () => {
  const scoped = toolFactory<object>()({
    name: "scoped",
    title: "Scoped",
    description: "Needs scopes.",
    access: "read",
    level: "write",
    scopes: ["b", "a"],
    input: z.strictObject({}),
    run: () => "",
    render: (said) => said,
  });
  const { resources, prompts, toolsets, aliases, tools } = parsed({
    ...notesServer,
    tools: [...notesServer.tools, scoped],
    skill: new URL("file:///SKILL.md"),
  });
  expect(resources).toEqual({
    "note://{name}": {
      name: "note",
      title: "A note",
      description: "The text of one note.",
      mimeType: "text/plain",
      subscribe: true,
    },
    "notes://summary": { name: "summary", title: "Summary", description: "All notes at once.", subscribe: false },
    "skill://notes/SKILL.md": { name: "SKILL.md", mimeType: "text/markdown", subscribe: false },
  });
  expect(prompts?.["greet"]).toMatchObject({
    arguments: { who: { required: true, description: "Whom to greet." }, how: { required: false } },
  });
  expect(toolsets).toEqual({ danger: { default: true, description: "What cannot be taken back." } });
  expect(aliases).toEqual({ tools: { get: "read" }, selection: {}, arguments: { read: { title: "name" } } });
  expect(tools).toMatchObject({
    read: { access: "read", toolset: "default" },
    delete: { access: "full" },
    scoped: { access: "write", scopes: ["a", "b"] },
  });
  expect(tools?.["write"]).toMatchObject({ access: { by: "mode", values: { create: "write", replace: "full" } } });
});

test("the text does not depend on the order in which a server was written down", () => {
  const reversed = {
    ...notesServer,
    tools: notesServer.tools.toReversed(),
    prompts: notesServer.prompts?.toReversed() ?? [],
    resources: notesServer.resources?.toReversed() ?? [],
  };
  const shuffled = Object.fromEntries(Object.entries(options).toReversed());
  expect(serverSurface(reversed, shuffled)).toBe(serverSurface(notesServer, options));
  expect(serverSurface(notesServer)).toMatch(/^\{\n {2}"aliases": \{[^]*\}\n$/);
});
