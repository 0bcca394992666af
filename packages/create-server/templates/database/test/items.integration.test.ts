import { fileURLToPath } from "node:url";
import { connectStdio, keepArtifacts } from "@mooring/testing";
import { beforeEach, expect, test } from "vitest";
import { sample } from "./sample.ts";

const bin = fileURLToPath(new URL("../dist/bin.js", import.meta.url));
beforeEach(keepArtifacts);

// The built program against a real PostgreSQL.
test("items are listed by pages, completed and read", async () => {
  await using started = await sample.start("");
  await using session = await connectStdio(process.execPath, [bin], { env: started.env });
  const first = JSON.stringify((await session.call("list_items", { limit: 1 })).content);
  expect(first).toContain("1 12 Rope");
  const second = JSON.stringify((await session.call("list_items", { limit: 1, cursor: "1" })).content);
  expect([second.includes("2 3 Lamp oil"), second.includes("Rope")]).toEqual([true, false]);
  const ref = { type: "ref/resource", uri: "example://items/{id}" } as const;
  const { completion } = await session.client.complete({ ref, argument: { name: "id", value: "Lamp" } });
  expect(completion.values).toEqual(["2"]);
  const uri = "example://items/2";
  const { contents } = await session.client.readResource({ uri });
  expect(contents[0]).toMatchObject({ text: "# Lamp oil\n\nAmount: 3\n\nMind the fire.\n" });
  const { content } = await session.call("list_items", { cursor: "one" });
  expect(JSON.stringify(content)).toContain("invalid input syntax");
});
// begin: full

test("an item is added, read and removed", async () => {
  await using started = await sample.start("");
  const args = [bin, "--access", "full"];
  await using session = await connectStdio(process.execPath, args, { env: started.env, answer: () => true });
  const oars = { name: "Oars", amount: 2, note: "'); DROP TABLE items; --" };
  expect((await session.call("add_item", oars)).structuredContent).toEqual({ id: 3 });
  const uri = "example://items/3";
  const { contents } = await session.client.readResource({ uri });
  expect(contents[0]).toMatchObject({ text: expect.stringContaining(oars.note) as string });
  const { _meta } = await session.call("add_item", oars);
  expect(_meta?.["mooring/error"]).toMatchObject({ kind: "conflict" });
  expect((await session.call("remove_item", { id: "3" })).isError).toBeUndefined();
  expect(JSON.stringify((await session.call("list_items")).content)).not.toContain("Oars");
  expect(JSON.stringify((await session.call("remove_item", { id: "3" })).content)).toContain("no such item");
});
// end: full
