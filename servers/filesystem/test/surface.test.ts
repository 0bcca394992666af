import { connect, eras, lintTools, serverSurface, surface } from "@mooring/core/testing";
import { measureTools } from "@mooring/testing";
import { describe, expect, it } from "vitest";
import { options } from "../src/options.ts";
import { filesystem } from "../src/server.ts";
import type { Deps } from "../src/tool.ts";

type Access = "read" | "write" | "full";

// Listing touches no dependency.
async function listed(access: Access, era: (typeof eras)[number] = "2026") {
  await using mcp = await connect(filesystem, { deps: {} as Deps, access }, era);
  return (await mcp.client.listTools()).tools;
}

describe("the surface", () => {
  it("is the reviewed one", async () => {
    for (const tool of await listed("full"))
      await expect(surface(tool)).toMatchFileSnapshot(`__surface__/${tool.name}.json`);
  });

  it("is, besides the tools, the reviewed one", async () => {
    await expect(serverSurface(filesystem, options)).toMatchFileSnapshot("__surface__/server.surface.json");
  });

  it("is the same in both eras, and portable", async () => {
    const [first, second] = await Promise.all(eras.map((era) => listed("full", era)));
    expect(second?.map(surface)).toEqual(first?.map(surface));
    expect(lintTools(first ?? [])).toEqual([]);
  });

  // Bytes as sent (0.45 of the reference server's 12,983 would be 5,842), and what a model pays.
  it.for([
    ["read", { bytes: 2_600, tokens: 550 }],
    ["write", { bytes: 5_030, tokens: 1_020 }],
    ["full", { bytes: 5_500, tokens: 1_100 }],
  ] as const)("fits its budget at --access %s", async ([access, budget]) => {
    const { bytes, tokens } = await measureTools(await listed(access));
    expect({ bytes, tokens }).toEqual({
      bytes: expect.toSatisfy((sent: number) => sent <= budget.bytes) as number,
      tokens: expect.toSatisfy((paid: number) => paid <= budget.tokens) as number,
    });
  });

  it("has at each level the tools and values of that level", async () => {
    const names = async (access: Access) => (await listed(access)).map(({ name }) => name);
    expect(await names("read")).toEqual(["read", "list", "search"]);
    expect(await names("write")).toEqual(["read", "list", "search", "edit", "write", "move", "undo"]);
    expect(await names("full")).toEqual(["read", "list", "search", "edit", "write", "move", "delete", "undo"]);
    const modes = async (access: Access) => {
      const write = (await listed(access)).find(({ name }) => name === "write");
      return (write?.inputSchema.properties?.["mode"] as { enum: string[] } | undefined)?.enum;
    };
    expect(await modes("write")).toEqual(["create", "append", "replace"]);
    expect(await modes("full")).toEqual(["create", "append", "replace", "overwrite"]);
  });

  it.for([
    ["read", "edit", { files: [] }],
    ["read", "write", { path: "x" }],
    ["read", "move", { from: "a", to: "b" }],
    ["read", "undo", {}],
    ["write", "delete", { paths: ["x"] }],
    ["write", "write", { path: "x", mode: "overwrite" }],
    ["write", "move", { from: "a", to: "b", overwrite: true }],
  ] as const)("at --access %s refuses %s %j before anything is touched", async ([access, name, args]) => {
    // A dependency that is used would fail in another way.
    await using mcp = await connect(filesystem, { deps: {} as Deps, access });
    const answer = await mcp.call(name, args).catch((error: unknown) => ({ isError: true, _meta: undefined, error }));
    expect(answer.isError).toBe(true);
    const kind = (answer._meta?.["mooring/error"] as { kind?: string } | undefined)?.kind;
    expect(["denied", "invalid_input", "not_found", undefined]).toContain(kind);
  });

  it("tells hosts truly what each tool does", async () => {
    const hints = (await listed("full")).map(({ name, annotations }) => [
      name,
      annotations?.readOnlyHint,
      annotations?.destructiveHint,
    ]);
    expect(hints).toEqual([
      ["read", true, false],
      ["list", true, false],
      ["search", true, false],
      ["edit", false, false],
      ["write", false, true],
      ["move", false, true],
      ["delete", false, true],
      ["undo", false, false],
    ]);
  });
});
