import { describe, expect, it } from "vitest";
import * as z from "zod";
import { fillSections, hostSnippets, jsonText, publishedLaunch, readmeSections, sectionNames } from "../src/docs.ts";
import { defineOptions } from "../src/options.ts";
import { manifest, options, reader } from "./support/documented-server.ts";

const sections = readmeSections(reader, options, manifest(), () => 7);

describe("readmeSections", () => {
  it("speaks of this server", () => {
    expect(Object.keys(sections)).toEqual([
      "tools",
      "resources",
      "options",
      "common-options",
      "information",
      "budgets",
      "exit-codes",
      "hosts",
    ]);
    expect(sections["tools"]).toContain("| `look` | `read` |");
    expect(sections["options"]).toContain("`DEMO_TOKEN`");
    expect(sections["common-options"]).toContain("`MOORING_DEMO_ACCESS`");
    expect(sections["budgets"]).toContain("| `read` | 1 | 7 |");
    expect(sections["hosts"]).toContain('"@acme/demo"');
  });

  it("masks by default what the server does", () => {
    const patterns = readmeSections({ ...reader, redact: "patterns" }, {}, manifest(), () => 0);
    expect(patterns["common-options"]).toMatch(/--redact own\\\|patterns` \| `MOORING_DEMO_REDACT` \| `patterns`/);
  });
});

describe("fillSections", () => {
  it("rewrites the sections that a page has, and nothing else", () => {
    const page =
      "# Demo\n<!-- begin:tools -->\nold\n<!-- end:tools -->\nProse.\n<!-- begin:hosts --><!-- end:hosts -->\n";
    expect(sectionNames(page)).toEqual(["tools", "hosts"]);
    expect(fillSections(page, { tools: "new", hosts: "H", options: "O" })).toBe(
      "# Demo\n<!-- begin:tools -->\nnew\n<!-- end:tools -->\nProse.\n<!-- begin:hosts -->\nH\n<!-- end:hosts -->\n",
    );
    expect(fillSections("# Demo\n", sections)).toBe("# Demo\n");
  });

  it("says which section it does not know, and which it does", () => {
    const page = (name: string) => `<!-- begin:${name} -->\n<!-- end:${name} -->`;
    expect(() => fillSections(page("tolls"), { tools: "", hosts: "" })).toThrow(
      'There is no section "tolls": did you mean "tools"? There are: tools, hosts.',
    );
    expect(() => fillSections(page("constructor"), { tools: "" })).toThrow(
      'There is no section "constructor". There are',
    );
    expect(() => fillSections("<!-- begin:tools -->\n", sections)).toThrow(
      'The section "tools" has no <!-- end:tools -->.',
    );
  });
});

describe("publishedLaunch", () => {
  it("names what the server cannot do without", () => {
    expect(publishedLaunch(reader, options, manifest())).toEqual({
      name: "demo",
      command: "npx",
      args: ["-y", "@acme/demo", "/path/to/directory"],
      env: { MOORING_DEMO_API_URL: "<MOORING_DEMO_API_URL>", DEMO_TOKEN: "<DEMO_TOKEN>" },
    });
  });

  it("names one credential, though most declare theirs as optional", () => {
    const { token } = options;
    const second = { ...token, env: "OTHER_TOKEN" };
    expect(publishedLaunch(reader, { token, second }, manifest()).env).toEqual({ DEMO_TOKEN: "<DEMO_TOKEN>" });
    const needed = { ...second, schema: z.string() };
    expect(publishedLaunch(reader, { token, needed }, manifest()).env).toEqual({ OTHER_TOKEN: "<OTHER_TOKEN>" });
    expect(publishedLaunch(reader, {}, manifest())).toEqual({
      name: "demo",
      command: "npx",
      args: ["-y", "@acme/demo"],
    });
  });

  it("shows a positional that is no path by its name", () => {
    const asked = defineOptions({
      question: { schema: z.string(), description: "What.", positional: true, valueName: "TEXT" },
    });
    expect(publishedLaunch(reader, asked, manifest()).args).toEqual(["-y", "@acme/demo", "<TEXT>"]);
  });
});

describe("hostSnippets", () => {
  it("gives every host its file, and hosts with a command theirs", () => {
    const text = hostSnippets({ name: "demo", command: "npx", args: ["-y", "@acme/demo"] });
    for (const name of ["Claude Desktop", "Zed", "opencode"]) expect(text).toContain(`- **${name}**: `);
    expect(text).toContain("```toml\n[mcp_servers.demo]\n");
    expect(text).toMatch(/```sh\nclaude mcp add demo -- npx -y @acme\/demo\n/);
  });
});

describe("jsonText", () => {
  it("keeps short lists of plain values on one line, and others as they are", () => {
    const value = { a: ["x]", "y", 1, true], b: [["c"]], d: [{ e: [] }], f: ["${g}"] };
    const text = jsonText(value);
    expect(JSON.parse(text)).toEqual(value);
    expect(text).toContain('  "a": ["x]", "y", 1, true],\n');
    expect(text).toContain('  "f": ["${g}"]\n');
    expect(text).toContain('  "d": [\n    {\n      "e": []\n    }\n  ]');
    expect(jsonText({ a: ["x".repeat(60), "y".repeat(60)] })).toContain('"a": [\n    "x');
    expect(jsonText({ a: ["x".repeat(60), "y".repeat(60)] }, Infinity)).toContain('"a": ["x');
  });
});
