import { expect, test, vi } from "vitest";
import { defineServer } from "../src/definition.ts";
import { resourceFactory } from "../src/resource.ts";
import { connect, eras } from "../src/testing.ts";
import { notesDeps, notesServer } from "./notes-server.ts";

test.for(eras)("%s: every page of the list, by opaque cursors", async (era) => {
  const deps = notesDeps();
  for (const name of ["two", "three", "four", "five"]) deps.notes.set(name, name);
  await using mcp = await connect(notesServer, { deps }, era);
  const uris: string[] = [];
  let cursor: string | undefined;
  let pages = 0;
  do {
    const page = await mcp.client.listResources(cursor === undefined ? {} : { cursor });
    uris.push(...page.resources.map((each) => each.uri));
    cursor = page.nextCursor;
    pages++;
  } while (cursor !== undefined && pages < 10);
  expect(uris).toEqual(["note://one", "note://two", "note://three", "note://four", "note://five", "notes://summary"]);
});

test.for(eras)("%s: a cursor of somebody else is refused by protocol", async (era) => {
  await using mcp = await connect(notesServer, { deps: notesDeps() }, era);
  for (const cursor of [
    "nonsense",
    Buffer.from("[99]").toString("base64url"),
    Buffer.from('{"a":1}').toString("base64url"),
  ])
    await expect(mcp.client.listResources({ cursor })).rejects.toMatchObject({ code: -32602 });
});

test.for(eras)("%s: templates, reading, and one answer for what is missing", async (era) => {
  await using mcp = await connect(notesServer, { deps: notesDeps() }, era);
  const { resourceTemplates } = await mcp.client.listResourceTemplates();
  expect(resourceTemplates).toMatchObject([{ uriTemplate: "note://{name}", name: "note", mimeType: "text/plain" }]);
  expect((await mcp.client.readResource({ uri: "note://one" })).contents).toEqual([
    { uri: "note://one", mimeType: "text/plain", text: "first" },
  ]);
  expect((await mcp.client.readResource({ uri: "notes://summary" })).contents).toMatchObject([{ text: "first" }]);
  for (const uri of ["note://missing", "other://x"])
    await expect(mcp.client.readResource({ uri })).rejects.toMatchObject({ code: -32602 });
});

test.for(eras)("%s: completion of template variables and prompt arguments, at most 100", async (era) => {
  const deps = notesDeps();
  deps.notes.set("other", "x");
  await using mcp = await connect(notesServer, { deps }, era);
  const names = await mcp.client.complete({
    ref: { type: "ref/resource", uri: "note://{name}" },
    argument: { name: "name", value: "o" },
  });
  expect(names.completion).toMatchObject({ values: ["one", "other"], total: 2, hasMore: false });
  const many = await mcp.client.complete({
    ref: { type: "ref/prompt", name: "greet" },
    argument: { name: "who", value: "a" },
  });
  expect(many.completion.values).toHaveLength(100);
  expect(many.completion).toMatchObject({ total: 150, hasMore: true });
});

test.for(eras)("%s: prompts are listed, filled in, and held to their arguments", async (era) => {
  await using mcp = await connect(notesServer, { deps: notesDeps() }, era);
  const { prompts } = await mcp.client.listPrompts();
  expect(prompts).toMatchObject([
    {
      name: "greet",
      arguments: [
        { name: "who", required: true, description: "Whom to greet." },
        { name: "how", required: false },
      ],
    },
  ]);
  const { messages } = await mcp.client.getPrompt({ name: "greet", arguments: { who: "world" } });
  expect(messages).toMatchObject([{ content: { text: "Hello, world!" } }]);
  await expect(mcp.client.getPrompt({ name: "greet", arguments: {} })).rejects.toMatchObject({ code: -32602 });
  await expect(mcp.client.getPrompt({ name: "nothing" })).rejects.toMatchObject({ code: -32602 });
});

test("older clients subscribe, hear of changes, and end the watch", async () => {
  const deps = notesDeps();
  await using mcp = await connect(notesServer, { deps }, "2025");
  const heard: string[] = [];
  mcp.client.setNotificationHandler("notifications/resources/updated", ({ params }) => void heard.push(params.uri));
  await mcp.client.subscribeResource({ uri: "note://one" });
  deps.watched.get("note://one")?.();
  await vi.waitFor(() => expect(heard).toEqual(["note://one"]));
  await mcp.client.unsubscribeResource({ uri: "note://one" });
  await vi.waitFor(() => expect(deps.watched.size).toBe(0));
  await expect(mcp.client.subscribeResource({ uri: "note://missing" })).rejects.toMatchObject({ code: -32602 });
});

test("two subscriptions at once are one watch, and its end is not lost", async () => {
  const deps = notesDeps();
  await using mcp = await connect(notesServer, { deps }, "2025");
  const uri = "note://one";
  await Promise.all([mcp.client.subscribeResource({ uri }), mcp.client.subscribeResource({ uri })]);
  expect(deps.watched.size).toBe(1);
  await mcp.client.unsubscribeResource({ uri });
  await vi.waitFor(() => expect(deps.watched.size).toBe(0));
  await Promise.all([mcp.client.subscribeResource({ uri }), mcp.client.unsubscribeResource({ uri })]);
  await vi.waitFor(() => expect(deps.watched.size).toBe(0));
});

test.for(eras)("%s: completion hears what was chosen before", async (era) => {
  const branch = resourceFactory<object>()({
    name: "branch",
    title: "Branch",
    description: "A branch.",
    uri: "repo://{repo}/{branch}",
    read: () => [],
    complete: { branch: (value, _context, { repo = "none" }) => [`${value}${repo}`] },
  });
  const server = defineServer<object>({ name: "r", title: "R", version: "1.0.0", tools: [], resources: [branch] });
  await using mcp = await connect(server, { deps: {} }, era);
  const complete = (context?: { arguments: Record<string, string> }) =>
    mcp.client.complete({
      ref: { type: "ref/resource", uri: "repo://{repo}/{branch}" },
      argument: { name: "branch", value: "x-" },
      ...(context && { context }),
    });
  expect((await complete({ arguments: { repo: "mine" } })).completion.values).toEqual(["x-mine"]);
  expect((await complete()).completion.values).toEqual(["x-none"]);
});

test("a watch ends with the connection of its last follower", async () => {
  const deps = notesDeps();
  {
    await using mcp = await connect(notesServer, { deps }, "2025");
    await mcp.client.subscribeResource({ uri: "note://one" });
    expect(deps.watched.size).toBe(1);
  }
  await vi.waitFor(() => expect(deps.watched.size).toBe(0));
});

test("a resource that no client could take is refused in words", async () => {
  const deps = notesDeps();
  deps.notes.set("one", "x".repeat(8_000_001));
  await using mcp = await connect(notesServer, { deps });
  await expect(mcp.client.readResource({ uri: "note://one" })).rejects.toThrow(/more than 8,000,000 characters/);
});
