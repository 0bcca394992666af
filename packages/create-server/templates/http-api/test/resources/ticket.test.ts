import { connect } from "@mooring/testing";
import { expect, test, vi } from "vitest";
import { server } from "../../src/server.ts";
import { fakeApi } from "../fake-api.ts";

const uri = "example://tickets/t1";
const ticket = { id: "t1", title: "The lamp is dark", state: "open", text: "Since Monday.", internal: "planted" };

test("reads as Markdown, without fields that nobody named", async () => {
  await using mcp = await connect(server, { deps: fakeApi({ "GET /tickets/t1": ticket }).deps });
  const { contents } = await mcp.client.readResource({ uri });
  const text = "# The lamp is dark\n\nState: open\n\nSince Monday.\n";
  expect(contents).toEqual([{ uri, mimeType: "text/markdown", text }]);
});

test("completes ids", async () => {
  await using mcp = await connect(server, { deps: fakeApi({ "GET /tickets": [ticket, { ...ticket, id: "x" }] }).deps });
  const ref = { type: "ref/resource", uri: "example://tickets/{id}" } as const;
  const { completion } = await mcp.client.complete({ ref, argument: { name: "id", value: "t" } });
  expect(completion.values).toEqual(["t1"]);
});

test("tells who follows it of a change", async () => {
  const answers = { "GET /tickets/t1": ticket };
  const { deps } = fakeApi(answers);
  await using mcp = await connect(server, { deps }, "2025");
  const updates: string[] = [];
  mcp.client.setNotificationHandler("notifications/resources/updated", ({ params }) => void updates.push(params.uri));
  await mcp.client.subscribeResource({ uri });
  answers["GET /tickets/t1"] = { ...ticket, state: "closed" };
  await vi.waitFor(() => expect(updates).toEqual([uri]));
  await mcp.client.unsubscribeResource({ uri });
});

test("that is missing is an error", async () => {
  await using mcp = await connect(server, { deps: fakeApi({}).deps });
  const missing = mcp.client.readResource({ uri: "example://tickets/nope" });
  await expect(missing).rejects.toThrow(/tickets\/nope|not found/i);
});
