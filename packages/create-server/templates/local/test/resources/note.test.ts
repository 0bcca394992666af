import { rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { connect } from "@mooring/testing";
import { expect, test, vi } from "vitest";
import { server } from "../../src/server.ts";
import { folderOf } from "../folder.ts";

const uri = "example://notes/Tide%20table";
const name = "Tide table.md";

test("reads as it is", async () => {
  await using folder = await folderOf({ [name]: "# Tides\n\nHigh water at noon.\n" });
  await using mcp = await connect(server, { deps: folder.deps });
  const { contents } = await mcp.client.readResource({ uri });
  expect(contents).toEqual([{ uri, mimeType: "text/markdown", text: "# Tides\n\nHigh water at noon.\n" }]);
});

test("completes names", async () => {
  await using folder = await folderOf({ [name]: "", "Repairs.md": "" });
  await using mcp = await connect(server, { deps: folder.deps });
  const ref = { type: "ref/resource", uri: "example://notes/{name}" } as const;
  const { completion } = await mcp.client.complete({ ref, argument: { name: "name", value: "T" } });
  expect(completion.values).toEqual(["Tide table"]);
});

test("tells who follows it of a change, also where an editor replaces the file", async () => {
  await using folder = await folderOf({ [name]: "High water at noon." });
  await using mcp = await connect(server, { deps: folder.deps }, "2025");
  const updates: string[] = [];
  mcp.client.setNotificationHandler("notifications/resources/updated", ({ params }) => void updates.push(params.uri));
  await mcp.client.subscribeResource({ uri });
  const draft = join(folder.path, "draft");
  await writeFile(draft, "High water at one.");
  await rename(draft, join(folder.path, name));
  await vi.waitFor(() => expect(updates).toEqual([uri]));
  await mcp.client.unsubscribeResource({ uri });
});

test.for(["nope", "..%2Fsecret", ".hidden"])("%s is an error", async (name) => {
  await using folder = await folderOf({ ".hidden.md": "planted" });
  await using mcp = await connect(server, { deps: folder.deps });
  const missing = mcp.client.readResource({ uri: `example://notes/${name}` });
  await expect(missing).rejects.toThrow(/no such note|cannot be a note|not found/i);
});
