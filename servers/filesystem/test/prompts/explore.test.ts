import { mkdirSync, mkdtempSync, realpathSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect, eras } from "@mooring/core/testing";
import { expect, test } from "vitest";
import { createSandbox } from "../../src/sandbox/create.ts";
import { filesystem } from "../../src/server.ts";
import type { Deps } from "../../src/tool.ts";

function setUp() {
  const root = join(realpathSync(mkdtempSync(join(tmpdir(), "explore-"))), "shared");
  mkdirSync(join(root, "docs"), { recursive: true });
  writeFileSync(join(root, "data.txt"), "");
  return { root, deps: { sandbox: createSandbox({ directories: [root] }) } as Deps };
}

test.for(eras)("%s: asks for an overview of an allowed folder, by its full path", async (era) => {
  const { root, deps } = setUp();
  await using mcp = await connect(filesystem, { deps }, era);
  const { messages } = await mcp.client.getPrompt({ name: "explore", arguments: { path: "docs" } });
  expect(messages).toMatchObject([{ role: "user", content: { text: expect.stringContaining(join(root, "docs")) } }]);
});

test("refuses a folder outside before the model sets out", async () => {
  const { deps } = setUp();
  await using mcp = await connect(filesystem, { deps });
  await expect(mcp.client.getPrompt({ name: "explore", arguments: { path: "/etc" } })).rejects.toMatchObject({
    code: -32602,
  });
});

test("completes paths below the allowed directories", async () => {
  const { root, deps } = setUp();
  await using mcp = await connect(filesystem, { deps });
  const { completion } = await mcp.client.complete({
    ref: { type: "ref/prompt", name: "explore" },
    argument: { name: "path", value: `${root}/d` },
  });
  expect(completion.values.toSorted()).toEqual([`${root}/data.txt`, `${root}/docs/`]);
});
