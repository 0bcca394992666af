import { connect } from "@mooring/testing";
import { afterEach, expect, test, vi } from "vitest";
import { server } from "../../src/server.ts";
import { fakeDatabase } from "../fake-database.ts";

const uri = "example://items/7";
const rope = { name: "Rope", amount: 12, note: "Behind the door." };
afterEach(() => void vi.useRealTimers());

test("reads as Markdown", async () => {
  const { deps, sent } = fakeDatabase(() => [rope]);
  await using mcp = await connect(server, { deps });
  const { contents } = await mcp.client.readResource({ uri });
  const text = "# Rope\n\nAmount: 12\n\nBehind the door.\n";
  expect(contents).toEqual([{ uri, mimeType: "text/markdown", text }]);
  expect(sent).toEqual([["read", expect.stringContaining("id = $1"), ["7"]]]);
});

test("completes ids, and sends what was typed as a value", async () => {
  const { deps, sent } = fakeDatabase(() => [{ id: 7 }, { id: 70 }]);
  await using mcp = await connect(server, { deps });
  const ref = { type: "ref/resource", uri: "example://items/{id}" } as const;
  const { completion } = await mcp.client.complete({ ref, argument: { name: "id", value: "7' OR" } });
  expect(completion.values).toEqual(["7", "70"]);
  expect(sent).toEqual([["read", expect.not.stringContaining("OR'"), ["7' OR"]]]);
});

test("tells who follows it of a change", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  const rows = [rope];
  await using mcp = await connect(server, { deps: fakeDatabase(() => rows).deps }, "2025");
  const updates: string[] = [];
  mcp.client.setNotificationHandler("notifications/resources/updated", ({ params }) => void updates.push(params.uri));
  await mcp.client.subscribeResource({ uri });
  await vi.advanceTimersByTimeAsync(31_000);
  expect(updates).toEqual([]);
  rows[0] = { ...rope, amount: 11 };
  await vi.advanceTimersByTimeAsync(31_000);
  expect(updates).toEqual([uri]);
  await mcp.client.unsubscribeResource({ uri });
});

test("that is missing is an error", async () => {
  await using mcp = await connect(server, { deps: fakeDatabase().deps });
  await expect(mcp.client.readResource({ uri })).rejects.toThrow(/items\/7|not found/i);
});
