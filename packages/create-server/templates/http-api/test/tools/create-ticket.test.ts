import { connect } from "@mooring/testing";
import { expect, test } from "vitest";
import { server } from "../../src/server.ts";
import { fakeApi } from "../fake-api.ts";

test("sends the ticket and answers with its id alone", async () => {
  const { deps, sent } = fakeApi({ "POST /tickets": { id: "t3", internal: "planted" } });
  await using mcp = await connect(server, { deps, access: "write" });
  const { structuredContent } = await mcp.call("create_ticket", { title: "Paint the door" });
  expect(structuredContent).toEqual({ id: "t3" });
  expect(sent).toEqual([{ method: "POST", path: "/tickets", body: { title: "Paint the door", text: "" } }]);
});

test("is not there at --access read", async () => {
  const { deps, sent } = fakeApi({});
  await using mcp = await connect(server, { deps });
  await expect(mcp.call("create_ticket", { title: "x" })).rejects.toThrow(/create_ticket/);
  expect(sent).toEqual([]);
});

test("refuses a title that is empty before anything is sent", async () => {
  const { deps, sent } = fakeApi({});
  await using mcp = await connect(server, { deps, access: "write" });
  expect((await mcp.call("create_ticket", { title: "" })).isError).toBe(true);
  expect(sent).toEqual([]);
});
