import { describe, expect, it } from "vitest";
import { loadServers, loadTemplates, naming } from "../docs/servers.ts";
import { DocumentError } from "@mooring/core/docs";
import { sectionsOf } from "../docs/sections.ts";

describe("the documented servers", () => {
  it("are the folders of servers/ and the templates that have a server", async () => {
    expect((await loadServers()).map(({ path }) => path)).toContain("servers/filesystem");
    for (const { path } of await loadTemplates()) expect(path).toMatch(/^packages\/create-server\/templates\/[\w-]+$/);
  });

  it("stand in the README's table, linked", async () => {
    const { "README.md": sections } = sectionsOf(await loadServers());
    expect(sections?.["servers"]).toMatch(
      /\| \[Files\]\(servers\/filesystem\/README\.md\) \| `@mooring\/filesystem` \|/,
    );
    expect(sections?.["hosts"]).toContain('"args": ["-y", "@mooring/filesystem", "/path/to/directory"]');
  });

  it("are named in what is wrong with them", () => {
    const fail = (error: Error) => () =>
      naming("servers/x", () => {
        throw error;
      });
    expect(fail(new DocumentError("README.md is odd."))).toThrow("servers/x: README.md is odd.");
    expect(fail(new TypeError("a bug"))).toThrow(/^a bug$/);
  });
});
