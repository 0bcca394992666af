import { expect, test } from "vitest";
import * as z from "zod";
import { contentGuardModes, contentVerdict } from "../src/content-guard.ts";
import { defineServer } from "../src/definition.ts";
import { connect, type ConnectOptions } from "../src/testing.ts";
import { type AnyTool, toolFactory, type Verdict } from "../src/tool.ts";

interface Deps {
  readonly verdict: Verdict | (() => Promise<Verdict>);
  readonly ran: unknown[];
}
const tool = toolFactory<Deps>();

const post = tool({
  name: "post",
  title: "Post",
  description: "Posts a text.",
  access: "write",
  input: z.strictObject({ text: z.string().default("hello") }),
  guard: (_input, { verdict }) => (typeof verdict === "function" ? verdict() : verdict),
  run(_input, { ran, confirmedBy }) {
    ran.push(confirmedBy);
    return {};
  },
  render: () => "posted",
});

const server = (tools: readonly AnyTool<Deps>[] = [post]) =>
  defineServer<Deps>({ name: "posts", title: "Posts", version: "1.0.0", tools });

async function call(verdict: Deps["verdict"], options: Omit<ConnectOptions<Deps>, "deps"> = {}) {
  const ran: unknown[] = [];
  await using mcp = await connect(server(), { deps: { verdict, ran }, access: "write", ...options });
  const result = await mcp.call("post");
  const texts = result.content.map((block) => (block.type === "text" ? block.text : ""));
  const { kind } = (result._meta?.["mooring/error"] ?? {}) as { kind?: string };
  return { texts, kind, ran };
}

const finding = "this text came from #secret, and the channel is public";
const flow = (mode: (typeof contentGuardModes)[number]) => contentVerdict("--taint", mode, finding);

test("a content guard that is off says nothing, one that warns is read before the answer", async () => {
  expect(await call(flow("off"))).toMatchObject({ texts: ["posted"] });
  expect(await call(flow("warn"))).toMatchObject({ texts: [`Warning: ${finding}`, "posted"] });
  expect(await call(flow("block"))).toMatchObject({ kind: "denied", ran: [], texts: [/--taint block/] });
});

test("a content guard asks whoever can be asked, also under --confirm host, and the handler hears who agreed", async () => {
  for (const confirm of ["elicit", "host"] as const) {
    const asked: string[] = [];
    const answered = await call(flow("confirm"), { confirm, answer: (message) => asked.push(message) > 0 });
    expect(asked).toMatchObject([expect.stringContaining(`Why you are asked: ${finding}`)]);
    expect(answered).toMatchObject({ texts: ["posted"], ran: ["person"] });
    expect(await call(flow("confirm"), { confirm, answer: () => false })).toMatchObject({ kind: "denied", ran: [] });
  }
});

test("where nobody can be asked, --confirm host makes it a warning; otherwise the refusal names both switches", async () => {
  expect(await call(flow("confirm"), { confirm: "host" })).toMatchObject({
    texts: [`Warning: ${finding}`, "posted"],
    ran: ["host"],
  });
  const refused = await call(flow("confirm"));
  expect(refused).toMatchObject({ kind: "confirm_required", ran: [] });
  expect(refused.texts[0]).toMatch(/came from #secret.*--confirm host.*--taint warn/s);
});

test("any other question is the host's under --confirm host, without a warning", async () => {
  expect(await call({ confirm: "it changes 7 rows" }, { confirm: "host" })).toMatchObject({
    texts: ["posted"],
    ran: ["host"],
  });
  expect((await call({ confirm: "it changes 7 rows" })).texts[0]).toMatch(
    /It changes 7 rows\. Tell the person.*--confirm host/,
  );
});

test("a call that is more than its arguments say is refused above the level, and asked about where it is destructive", async () => {
  expect(await call({ raise: "destructive" })).toMatchObject({ kind: "denied", ran: [], texts: [/--access full/] });
  expect(await call({ raise: "read" })).toMatchObject({ texts: ["posted"] });
  const asked: string[] = [];
  const options = { access: "full" as const, answer: (message: string) => asked.push(message) > 0 };
  expect(await call({ raise: "destructive", confirm: "it forces the branch" }, options)).toMatchObject({
    ran: ["person"],
  });
  expect(asked[0]).toContain("it forces the branch");
});

test("a guard that does not come back is a timeout, and the call is not made", async () => {
  const never = () => new Promise<Verdict>(() => {});
  expect(await call(never, { timeout: 50 })).toMatchObject({ kind: "timeout", ran: [], texts: [/not made/] });
});

test("warnings are masked like errors", async () => {
  const { texts } = await call({ warn: "saw ghp_0123456789abcdefghijABCDEFGHIJ012345" });
  expect(texts[0]).toBe("Warning: saw ⟨masked:github-token⟩");
});
