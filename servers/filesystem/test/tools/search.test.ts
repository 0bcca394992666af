import type { CallToolResult } from "@modelcontextprotocol/client";
import { defineServer } from "@mooring/core";
import { connect } from "@mooring/core/testing";
import { symlinkSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { Deps } from "../../src/tool.ts";
import { search } from "../../src/tools/search.ts";
import { type Files, searchSpace } from "../search/search-space.ts";

/** As sent; of the 4,900 that all eight tools may have. */
const LISTED_BYTES = 900;

async function serving(files: Files) {
  const space = searchSpace(files);
  const server = defineServer<Deps>({ name: "filesystem", title: "Files", version: "0.0.0", tools: [search] });
  const mcp = await connect(server, { deps: { sandbox: space.sandbox, search: space.engine } as Deps });
  const text = ({ content }: CallToolResult) =>
    content.map((block) => (block.type === "text" ? block.text : "")).join("\n");
  return {
    root: space.root,
    listed: async () => (await mcp.client.listTools()).tools,
    async ok(args: Record<string, unknown>) {
      const result = await mcp.call("search", args);
      if (result.isError) throw new Error(text(result));
      return text(result).replaceAll(space.root, "$ROOT");
    },
    async fails(args: Record<string, unknown>) {
      const result = await mcp.call("search", args);
      if (!result.isError) throw new Error(`It should have failed: ${text(result)}`);
      return `${(result._meta?.["mooring/error"] as { kind?: string } | undefined)?.kind}: ${text(result).replaceAll(space.root, "$ROOT")}`;
    },
    async [Symbol.asyncDispose]() {
      await mcp[Symbol.asyncDispose]();
      await space[Symbol.asyncDispose]();
    },
  };
}

const FILES = {
  "a.md": "alpha\n",
  "src/x.ts": "one\ntwo alpha\nthree\nfour\nfive\nsix alpha\n",
  "src/y.bin": "alpha\0",
  ".gitignore": "*.log\n",
  "x.log": "alpha\n",
};

describe("search", () => {
  test("says the directory once, then one name a line", async () => {
    await using server = await serving(FILES);
    expect(await server.ok({})).toBe(
      "In $ROOT:\n.gitignore\na.md\nsrc/\nsrc/x.ts\nsrc/y.bin\nLeft out: 1 ignored by .gitignore.",
    );
  });

  test("says the file once, then its lines as grep does", async () => {
    await using server = await serving(FILES);
    expect(await server.ok({ pattern: "alpha", all: true })).toBe(
      "In $ROOT:\na.md\n1:alpha\nsrc/x.ts\n2:two alpha\n6:six alpha\nx.log\n1:alpha\nLeft out: 1 binary.",
    );
    expect(await server.ok({ pattern: "alpha", context: 1, path: "src/x.ts" })).toBe(
      "In $ROOT/src:\nx.ts\n1-one\n2:two alpha\n3-three\n--\n5-five\n6:six alpha",
    );
    expect(await server.ok({ pattern: "alpha", mode: "count", glob: "*.ts" })).toBe(
      "In $ROOT:\nsrc/x.ts:2\nLeft out: 1 ignored by .gitignore.",
    );
    expect(await server.ok({ pattern: "ALPHA$", regex: true, ignore_case: true, mode: "files", path: "src" })).toBe(
      "In $ROOT/src:\nx.ts\nLeft out: 1 binary.",
    );
  });

  test("says what was left out when nothing is found, and how to get it", async () => {
    await using server = await serving(FILES);
    expect(await server.ok({ glob: "*.log" })).toBe(
      "No such name in $ROOT.\nLeft out: 1 ignored by .gitignore (`all` includes them).",
    );
    expect(await server.ok({ pattern: "nowhere", path: "a.md" })).toBe("No match in $ROOT.");
  });

  test("gives pages with a cursor", async () => {
    await using server = await serving(FILES);
    const first = await server.ok({ pattern: "alpha", limit: 2 });
    expect(first).toMatch(/^In \$ROOT:\na\.md\n1:alpha\nsrc\/x\.ts\n2:two alpha\n[^]*More: cursor "([^"]+)"\.$/);
    const cursor = /cursor "([^"]+)"/.exec(first)?.[1];
    expect(await server.ok({ pattern: "alpha", limit: 2, cursor })).toMatch(/^In \$ROOT:\nsrc\/x\.ts\n6:six alpha\n/);
  });

  test("refuses what is no query, saying why and what to do", async () => {
    await using server = await serving(FILES);
    symlinkSync("/etc", join(server.root, "etc"));
    expect(await server.fails({ pattern: "(", regex: true })).toMatch(
      /^invalid_input: .*Unterminated group.*JavaScript syntax/s,
    );
    expect(await server.fails({ path: "nope" })).toMatch(/^not_found: \$ROOT\/nope/);
    expect(await server.fails({ path: "etc", pattern: "root" })).toMatch(/^not_found: \$ROOT\/etc/);
    expect(await server.fails({ path: "/etc" })).toMatch(/^not_found: /);
    for (const wrong of [{ limit: 0 }, { limit: 5001 }, { context: 21 }, { mode: "x" }, { nope: 1 }])
      expect(await server.fails(wrong)).toMatch(/^invalid_input: /);
  });

  test("costs few bytes to list", async () => {
    await using server = await serving({});
    const [listed] = await server.listed();
    expect(JSON.stringify(listed).length).toBeLessThan(LISTED_BYTES);
  });
});
