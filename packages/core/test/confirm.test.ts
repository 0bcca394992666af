import { expect, test } from "vitest";
import * as z from "zod";
import { defineServer } from "../src/definition.ts";
import { connect, eras } from "../src/testing.ts";
import { toolFactory } from "../src/tool.ts";
import { notesDeps, notesServer } from "./notes-server.ts";

const kindOf = (result: { _meta?: Record<string, unknown> | undefined }) =>
  (result._meta?.["mooring/error"] as { kind: string } | undefined)?.kind;

test.for(eras)("%s: a person who agrees lets a destructive call through, once", async (era) => {
  const deps = notesDeps();
  const asked: string[] = [];
  await using mcp = await connect(
    notesServer,
    { deps, access: "full", answer: (message) => asked.push(message) > 0 },
    era,
  );
  const result = await mcp.call("write", { name: "one", text: "second", mode: "replace" });
  expect(result.isError).toBeUndefined();
  expect(deps.notes.get("one")).toBe("second");
  expect(asked).toHaveLength(1);
  expect(
    asked[0]
      ?.replace(/\n[\w-]{8}\n/g, "\n=\n")
      .replace(/\n[\w-]{8}$/, "\n=")
      .replace(/the [\w-]{8} lines/, "the = lines"),
  ).toBe(
    [
      "Notes: Write a note?",
      'Target: the note "one"',
      "Effect: replaces its text for good",
      "Text by others, between the = lines:",
      "=",
      "ignore⟨U+202E⟩ this",
      "=",
    ].join("\n"),
  );
});

test.for(eras)("%s: a person who declines stops it", async (era) => {
  const deps = notesDeps();
  await using mcp = await connect(notesServer, { deps, access: "full", answer: () => false }, era);
  const result = await mcp.call("delete", { name: "one" });
  expect(kindOf(result)).toBe("denied");
  expect(deps.seen).toEqual([]);
});

test.for(eras)("%s: a client that cannot be asked hears the one way on", async (era) => {
  const deps = notesDeps();
  await using mcp = await connect(notesServer, { deps, access: "full" }, era);
  const result = await mcp.call("delete", { name: "one" });
  expect(kindOf(result)).toBe("confirm_required");
  expect(result.content).toMatchObject([{ text: expect.stringContaining("--confirm host") }]);
  expect(deps.notes.has("one")).toBe(true);
});

test("--confirm host relies on the host's own approval", async () => {
  const deps = notesDeps();
  await using mcp = await connect(notesServer, { deps, access: "full", confirm: "host" });
  expect((await mcp.call("delete", { name: "one" })).isError).toBeUndefined();
});

test("a guard that asks does so for reading too, and nobody is asked about a call that cannot run", async () => {
  const deps = notesDeps();
  const asked: string[] = [];
  await using mcp = await connect(notesServer, { deps, access: "full", answer: (message) => asked.push(message) > 0 });
  await mcp.call("guarded", { name: "ask" });
  expect(asked[0]).toContain("Why you are asked: it was written by somebody else");
  await mcp.call("write", { name: 3, text: "x", mode: "replace" });
  expect(asked).toHaveLength(1);
});

test("a guard's refusal is a denial, and so is its failure", async () => {
  const deps = notesDeps();
  await using mcp = await connect(notesServer, { deps });
  expect(kindOf(await mcp.call("guarded", { name: "forbidden" }))).toBe("denied");
  const broken = await mcp.call("guarded", { name: "broken" });
  expect(kindOf(broken)).toBe("denied");
  expect(JSON.stringify(broken)).not.toContain("guard bug");
  expect(deps.seen).toEqual([]);
});

test("consent is bound to the arguments, and used once", async () => {
  const deps = notesDeps();
  let state = "";
  await using mcp = await connect(notesServer, { deps, access: "full", answer: () => true });
  const envelope = {
    "io.modelcontextprotocol/protocolVersion": "2026-07-28",
    "io.modelcontextprotocol/clientCapabilities": { elicitation: { form: {} } },
  };
  const handler = (await import("@modelcontextprotocol/server")).createMcpHandler(mcp.prepared.factory);
  const call = async (args: object, extra: object = {}) => {
    const response = await handler.fetch(
      new Request("http://server.test/mcp", {
        method: "POST",
        headers: {
          "content-type": "application/json",
          accept: "application/json, text/event-stream",
          "mcp-protocol-version": "2026-07-28",
          "mcp-method": "tools/call",
          "mcp-name": "delete",
        },
        body: JSON.stringify({
          jsonrpc: "2.0",
          id: 1,
          method: "tools/call",
          params: { name: "delete", arguments: args, _meta: envelope, ...extra },
        }),
      }),
    );
    return (await response.json()) as {
      result?: { resultType?: string; requestState?: string; isError?: boolean; content?: unknown };
      error?: { code: number };
    };
  };
  const yes = { inputResponses: { confirm: { action: "accept", content: { confirm: true } } } };
  const first = await call({ name: "one" });
  state = first.result?.requestState ?? "";
  expect(first.result?.resultType).toBe("input_required");
  // Other arguments: asked anew.
  expect((await call({ name: "two" }, { ...yes, requestState: state })).result?.resultType).toBe("input_required");
  // Forged state: refused by protocol.
  expect((await call({ name: "one" }, { ...yes, requestState: `${state.slice(0, -4)}AAAA` })).error?.code).toBe(-32602);
  // Consent without state: asked anew, since nothing that the model sends counts.
  expect((await call({ name: "one" }, yes)).result?.resultType).toBe("input_required");
  expect((await call({ name: "one" }, { ...yes, requestState: state })).result?.resultType).toBe("complete");
  expect(deps.seen).toEqual(["delete one"]);
  // Used: asked anew.
  expect((await call({ name: "one" }, { ...yes, requestState: state })).result?.resultType).toBe("input_required");
});

test("a name with line breaks writes no lines of its own into the question", async () => {
  const asked: string[] = [];
  const deps = notesDeps();
  await using mcp = await connect(notesServer, { deps, access: "full", answer: (message) => asked.push(message) < 0 });
  await mcp.call("write", { name: 'a"\nEffect: reads it', text: "x", mode: "replace" });
  expect(asked[0]?.split("\n").filter((line) => line.startsWith("Effect:"))).toEqual([
    "Effect: replaces its text for good",
  ]);
});

test("consent is to what was said: another reason is asked about again", async () => {
  const deps = { reason: "it changes 7 rows" };
  const update = toolFactory<typeof deps>()({
    name: "update",
    title: "Update",
    description: "Updates rows.",
    access: "write",
    input: z.strictObject({}),
    guard: (_input, { reason }) => ({ confirm: reason }),
    run: () => ({}),
    render: () => "updated",
  });
  const server = defineServer<typeof deps>({ name: "u", title: "U", version: "1.0.0", tools: [update] });
  const asked: string[] = [];
  const answer = (message: string) => {
    // Meanwhile there are more.
    deps.reason = asked.length === 0 ? "it changes 8 rows" : deps.reason;
    return asked.push(message) > 0;
  };
  const shared = {
    get reason() {
      return deps.reason;
    },
  };
  await using mcp = await connect(server, { deps: shared as typeof deps, access: "write", answer });
  expect((await mcp.call("update")).isError).toBeUndefined();
  expect(asked.map((text) => /changes \d/.exec(text)?.[0])).toEqual(["changes 7", "changes 8"]);
});
