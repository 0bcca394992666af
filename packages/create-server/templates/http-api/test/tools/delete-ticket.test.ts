import { connect } from "@mooring/testing";
import { expect, test } from "vitest";
import { server } from "../../src/server.ts";
import { fakeApi } from "../fake-api.ts";

const answers = {
  "GET /tickets/t1": { id: "t1", title: "The lamp is dark", state: "open", text: "" },
  "DELETE /tickets/t1": {},
};

test.for([true, false])("asks a person, and does what they say (%s)", async (agrees) => {
  const { deps, sent } = fakeApi(answers);
  const asked: string[] = [];
  const answer = (question: string) => asked.push(question) > 0 && agrees;
  await using mcp = await connect(server, { deps, access: "full", answer });
  const { isError, content } = await mcp.call("delete_ticket", { id: "t1" });
  expect(asked).toEqual([expect.stringContaining("The lamp is dark")]);
  expect(sent.filter(({ method }) => method === "DELETE")).toHaveLength(agrees ? 1 : 0);
  expect([isError === true, JSON.stringify(content).includes("Deleted t1.")]).toEqual([!agrees, agrees]);
});

test("is refused where nobody can be asked", async () => {
  const { deps, sent } = fakeApi(answers);
  await using mcp = await connect(server, { deps, access: "full" });
  const { _meta } = await mcp.call("delete_ticket", { id: "t1" });
  expect(_meta?.["mooring/error"]).toMatchObject({ kind: "confirm_required" });
  expect(sent.filter(({ method }) => method === "DELETE")).toEqual([]);
});

test("says which ticket is not there", async () => {
  await using mcp = await connect(server, { deps: fakeApi({}).deps, access: "full", answer: () => true });
  const { _meta } = await mcp.call("delete_ticket", { id: "nope" });
  expect(_meta?.["mooring/error"]).toMatchObject({ kind: "not_found" });
});
