import { readdir } from "node:fs/promises";
import { connect } from "@mooring/testing";
import { expect, test } from "vitest";
import { server } from "../../src/server.ts";
import { folderOf } from "../folder.ts";

const files = { "Repairs.md": "The third step creaks.", "Tide table.md": "" };

test.for([true, false])("asks a person, and does what they say (%s)", async (agrees) => {
  await using folder = await folderOf(files);
  const asked: string[] = [];
  const answer = (question: string) => asked.push(question) > 0 && agrees;
  await using mcp = await connect(server, { deps: folder.deps, access: "full", answer });
  const { isError, content } = await mcp.call("delete_note", { name: "Repairs" });
  expect(asked).toEqual([expect.stringMatching(/Repairs[^]*The third step creaks/)]);
  expect(await readdir(folder.path)).toHaveLength(agrees ? 1 : 2);
  expect([isError === true, JSON.stringify(content).includes("Deleted Repairs.")]).toEqual([!agrees, agrees]);
});

test("is refused where nobody can be asked", async () => {
  await using folder = await folderOf(files);
  await using mcp = await connect(server, { deps: folder.deps, access: "full" });
  const { _meta } = await mcp.call("delete_note", { name: "Repairs" });
  expect(_meta?.["mooring/error"]).toMatchObject({ kind: "confirm_required" });
  expect(await readdir(folder.path)).toHaveLength(2);
});

test.for(["elicit", "host"] as const)("says that a note is not there (--confirm %s)", async (confirm) => {
  await using folder = await folderOf(files);
  await using mcp = await connect(server, { deps: folder.deps, access: "full", confirm, answer: () => true });
  const { _meta } = await mcp.call("delete_note", { name: "nope" });
  expect(_meta?.["mooring/error"]).toMatchObject({ kind: "not_found" });
});
