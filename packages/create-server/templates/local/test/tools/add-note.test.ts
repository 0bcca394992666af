import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { connect } from "@mooring/testing";
import { expect, test } from "vitest";
import { server } from "../../src/server.ts";
import { folderOf } from "../folder.ts";

test("writes the note, once", async () => {
  await using folder = await folderOf();
  await using mcp = await connect(server, { deps: folder.deps, access: "write" });
  const note = { name: "Oil the door", text: "It creaks.\n" };
  expect((await mcp.call("add_note", note)).content).toEqual([{ type: "text", text: "Added Oil the door." }]);
  const { _meta } = await mcp.call("add_note", { ...note, text: "Another text." });
  expect(_meta?.["mooring/error"]).toMatchObject({ kind: "conflict" });
  expect(await readFile(join(folder.path, "Oil the door.md"), "utf8")).toBe("It creaks.\n");
});

test("is not there at --access read", async () => {
  await using folder = await folderOf();
  await using mcp = await connect(server, { deps: folder.deps });
  await expect(mcp.call("add_note", { name: "a", text: "" })).rejects.toThrow(/add_note/);
  expect(await readdir(folder.path)).toEqual([]);
});

test("refuses what is no name before anything is written", async () => {
  await using folder = await folderOf();
  await using mcp = await connect(server, { deps: folder.deps, access: "write" });
  const { _meta } = await mcp.call("add_note", { name: "../a", text: "" });
  expect(_meta?.["mooring/error"]).toMatchObject({ kind: "invalid_input" });
  expect(await readdir(folder.path)).toEqual([]);
});
