import { connect } from "@mooring/testing";
import { expect, test } from "vitest";
import { server } from "../../src/server.ts";
import { fakeDatabase } from "../fake-database.ts";

const answer = (text: string) => (text.startsWith("DELETE") ? [{ id: 7 }] : [{ name: "Rope", amount: 12, note: "" }]);

test.for([true, false])("asks a person, and does what they say (%s)", async (agrees) => {
  const { deps, sent } = fakeDatabase(answer);
  const asked: string[] = [];
  const decide = (question: string) => asked.push(question) > 0 && agrees;
  await using mcp = await connect(server, { deps, access: "full", answer: decide });
  const { isError, content } = await mcp.call("remove_item", { id: "7" });
  expect(asked).toEqual([expect.stringContaining("Rope")]);
  expect(sent.filter(([where]) => where === "write")).toHaveLength(agrees ? 1 : 0);
  expect([isError === true, JSON.stringify(content).includes("Removed 7.")]).toEqual([!agrees, agrees]);
});

test("is refused where nobody can be asked", async () => {
  const { deps, sent } = fakeDatabase(answer);
  await using mcp = await connect(server, { deps, access: "full" });
  const { _meta } = await mcp.call("remove_item", { id: "7" });
  expect(_meta?.["mooring/error"]).toMatchObject({ kind: "confirm_required" });
  expect(sent.filter(([where]) => where === "write")).toEqual([]);
});

test.for(["elicit", "host"] as const)("says that an item is not there (--confirm %s)", async (confirm) => {
  await using mcp = await connect(server, { deps: fakeDatabase().deps, access: "full", confirm, answer: () => true });
  const { _meta } = await mcp.call("remove_item", { id: "7" });
  expect(_meta?.["mooring/error"]).toMatchObject({ kind: "not_found" });
});
