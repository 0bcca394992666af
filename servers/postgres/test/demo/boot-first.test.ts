import { defineServer, toolFactory } from "@mooring/core";
import { connect } from "@mooring/core/testing";
import { expect, test } from "vitest";
import * as z from "zod";
import { bootFirst } from "../../src/demo/boot-first.ts";
import type { Deps } from "../../src/tool.ts";

const tool = toolFactory<Deps>();
const say = tool({
  name: "say",
  title: "Say",
  description: "Says.",
  access: "read",
  input: z.strictObject({ what: z.string() }),
  run({ what }) {
    if (what === "") throw new Error("nothing");
    return [what];
  },
  render: ([what = ""], { what: asked }) => `${what} of ${asked}`,
});
const show = tool({
  name: "show",
  title: "Show",
  description: "Shows.",
  access: "read",
  input: z.strictObject({}),
  run: () => "blocks",
  render: (text) => [{ type: "text", text }],
});

/** The texts of one answer after the other, and what happened in which order. */
async function answers(
  passing: boolean | undefined,
  calls: readonly [string, Record<string, unknown>][],
  failures = 0,
) {
  const order: string[] = [];
  const facts = async () => {
    order.push("facts");
    if (failures-- > 0) throw new Error("gone");
    return { version: "18.6 (built somewhere)" };
  };
  const deps = {
    databases: { names: ["demo"], get: () => ({ facts }), close: async () => {} },
    config: {},
    stateDir: "",
    boot: async () => void order.push("boot"),
    ...(passing !== undefined && { passing: () => passing }),
  } as unknown as Deps;
  const server = bootFirst(defineServer<Deps>({ name: "x", title: "X", version: "0.0.0", tools: [say, show] }));
  await using mcp = await connect(server, { deps });
  const texts: string[] = [];
  for (const [name, args] of calls)
    texts.push(
      (await mcp.call(name, args)).content.map((block) => (block.type === "text" ? block.text : "")).join("|"),
    );
  return { texts, order };
}

test("the first answer says what is served, and only that", async () => {
  const { texts, order } = await answers(false, [
    ["say", { what: "a" }],
    ["say", { what: "b" }],
    ["show", {}],
  ]);
  expect(texts).toEqual(["Embedded demo database, PostgreSQL 18.6, kept between runs.\na of a", "b of b", "blocks"]);
  expect(order).toEqual(["boot", "facts", "boot", "boot"]);
});

test("it says when nothing is kept", async () => {
  const { texts } = await answers(true, [["show", {}]]);
  expect(texts).toEqual([
    "Embedded demo database, PostgreSQL 18.6, in memory: what is written ends with the server.|blocks",
  ]);
});

test("after a call that fails it is still to be said", async () => {
  const { texts } = await answers(false, [
    ["say", { what: "" }],
    ["say", { what: "a" }],
  ]);
  expect(texts[1]).toContain("PostgreSQL 18.6");
});

test("what was done is no failure because the version is not known", async () => {
  const calls: [string, Record<string, unknown>][] = [
    ["say", { what: "a" }],
    ["say", { what: "b" }],
  ];
  const { texts } = await answers(false, calls, 1);
  expect(texts).toEqual(["a of a", "Embedded demo database, PostgreSQL 18.6, kept between runs.\nb of b"]);
});
