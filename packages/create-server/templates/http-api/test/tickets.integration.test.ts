import { fileURLToPath } from "node:url";
import { connectStdio, keepArtifacts } from "@mooring/testing";
import { beforeEach, expect, test } from "vitest";
import { sample } from "./sample.ts";

const bin = fileURLToPath(new URL("../dist/bin.js", import.meta.url));
beforeEach(keepArtifacts);

// The built program against a running service; what the stand-in is to the real one, the real one's image can replace.
test("a ticket is listed and read", async () => {
  await using started = await sample.start("");
  await using session = await connectStdio(process.execPath, [bin, ...started.args], { env: started.env });
  expect(JSON.stringify((await session.call("list_tickets")).content)).toContain("Paint the tower");
  const uri = "example://tickets/t2";
  const { contents } = await session.client.readResource({ uri });
  expect(contents[0]).toMatchObject({ text: expect.stringContaining("White, as before.") as string });
});

// begin: full
test("a ticket is made, read and deleted", async () => {
  await using started = await sample.start("");
  const args = [bin, "--access", "full", ...started.args];
  await using session = await connectStdio(process.execPath, args, { env: started.env, answer: () => true });
  const { structuredContent } = await session.call("create_ticket", { title: "Oil the door", text: "It creaks." });
  expect(structuredContent).toEqual({ id: "t3" });
  const uri = "example://tickets/t3";
  const { contents } = await session.client.readResource({ uri });
  expect(contents[0]).toMatchObject({ text: expect.stringContaining("It creaks.") as string });
  expect((await session.call("delete_ticket", { id: "t3" })).isError).toBeUndefined();
  expect(JSON.stringify((await session.call("list_tickets")).content)).not.toContain("Oil the door");
  const { content } = await session.call("delete_ticket", { id: "t3" });
  expect(JSON.stringify(content)).toContain("No such ticket");
});
// end: full
