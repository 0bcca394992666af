import { expect, it } from "vitest";
import { createDatabases } from "../../src/databases.ts";
import { explaining } from "./explaining.ts";

it("costs at most 1,300 bytes of the tool list", async () => {
  await using client = await explaining(createDatabases([], () => new Error("none") as never));
  const { tools } = await client.client.listTools();
  expect(Buffer.byteLength(JSON.stringify({ tools }))).toBeLessThanOrEqual(1_300);
});
