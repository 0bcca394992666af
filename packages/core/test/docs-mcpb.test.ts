import { describe, expect, it } from "vitest";
import * as z from "zod";
import { mcpbManifest } from "../src/docs.ts";
import { defineOptions } from "../src/options.ts";
import { drop, look, manifest, options, reader } from "./support/documented-server.ts";

const made = (fields?: Readonly<Record<string, unknown>>) => mcpbManifest(reader, options, manifest(fields));
const field = (key: string) => made().user_config?.[key];

describe("mcpbManifest", () => {
  it("says what the bundle is", () => {
    expect(made({ license: "MIT", keywords: ["a"] })).toMatchObject({
      manifest_version: "0.3",
      name: "acme-demo",
      display_name: "Demo",
      version: "1.2.3",
      description: "Shows things.",
      author: { name: "Ada", email: "ada@acme.test", url: "https://acme.test" },
      repository: { type: "git", url: "https://github.com/acme/demo" },
      license: "MIT",
      keywords: ["a"],
      tools: [{ name: "look", description: "Looks. Only." }],
      compatibility: { runtimes: { node: ">=22.12" } },
    });
    expect(made()).not.toHaveProperty("prompts_generated");
    const prompt = { name: "tidy", title: "Tidy", description: "Tidies up.", messages: () => [] };
    expect(mcpbManifest({ ...reader, prompts: [prompt] }, {}, manifest())).toHaveProperty("prompts_generated", true);
  });

  it("starts the server with every field of its form, and no other", () => {
    const { server, user_config: form = {} } = made();
    expect(server).toMatchObject({ type: "node", entry_point: "dist/bin.js" });
    expect(server.mcp_config).toMatchObject({
      command: "node",
      args: ["${__dirname}/dist/bin.js", "${user_config.folders}"],
      env: { DEMO_TOKEN: "${user_config.token}", MOORING_DEMO_PAGE_SIZE: "${user_config.pageSize}" },
    });
    const used = JSON.stringify(server).match(/(?<=user_config\.)\w+/g);
    expect(used?.toSorted()).toEqual(Object.keys(form).toSorted());
    expect(mcpbManifest(reader, {}, manifest())).not.toHaveProperty("user_config");
    expect(mcpbManifest(reader, {}, manifest()).server.mcp_config).not.toHaveProperty("env");
  });

  it("has a field for each kind of option", () => {
    expect(field("folders")).toEqual({
      type: "directory",
      title: "Folders",
      description: "Where.",
      required: true,
      multiple: true,
    });
    expect(field("apiUrl")).toEqual({
      type: "string",
      title: "API URL",
      description: 'The "service".',
      required: true,
    });
    expect(field("token")).toMatchObject({ type: "string", sensitive: true, default: "" });
    expect(field("colour")).toMatchObject({ type: "string", description: "Which. One of: red, blue.", default: "red" });
    expect(field("names")).toMatchObject({ description: "Whose. Separated by commas.", default: "" });
    expect(field("wait")).toMatchObject({ type: "string", default: "30s" });
    expect(field("pageSize")).toEqual({
      type: "number",
      title: "Page size",
      description: "How many.",
      default: 20,
      min: 1,
      max: 50,
    });
    expect(field("quiet")).toMatchObject({ type: "boolean", default: false });
    expect(field("accounts")).toBeUndefined();
  });

  it("asks for text where nothing may be given: only that can be empty", () => {
    expect(field("depth")).toMatchObject({ type: "string", default: "" });
    expect(field("key")).toMatchObject({ type: "string", default: "" });
  });

  it("leaves no field that a host could pass on unexpanded", () => {
    const fields = Object.entries(made().user_config ?? {});
    const open = fields.filter(([, { required, default: standard }]) => !required && standard === undefined);
    expect(open.map(([key]) => key)).toEqual([]);
  });

  it("keeps the defaults of paths on the command line", () => {
    const paths = defineOptions({
      roots: {
        schema: z.array(z.string()).default(["a", "b"]),
        description: "Where.",
        positional: true,
        valueName: "DIR",
      },
    });
    expect(mcpbManifest(reader, paths, manifest()).user_config?.["roots"]).toEqual({
      type: "directory",
      title: "Roots",
      description: "Where.",
      multiple: true,
      default: ["a", "b"],
    });
  });

  it("does not repeat values that the description names", () => {
    const { user_config: form } = mcpbManifest({ ...reader, tools: [look, drop] }, {}, manifest());
    expect(form?.["access"]?.description).not.toContain("One of");
    expect(form?.["access"]).toMatchObject({ type: "string", default: "read" });
  });

  it("names the owner of the repository where no author is said, and says what to add where neither is", () => {
    expect(made({ author: "" }).author).toEqual({ name: "acme" });
    expect(made({ author: "Ada <none> (no page)" }).author).toEqual({ name: "Ada" });
    expect(() => made({ author: undefined, repository: undefined })).toThrow('add "author": "Your Name"');
  });
});
