import { pipeline, readPackageManifest } from "@mooring/core/docs";
import { describe, expect, it } from "vitest";
import { architecture } from "../docs/architecture.ts";
import { commandProblems } from "../docs/commands.ts";
import { linkProblems } from "../docs/links.ts";
import { stageWords } from "../docs/pipeline-words.ts";
import type { DocumentedServer } from "../docs/servers.ts";

const filesystem: DocumentedServer = {
  path: "servers/filesystem",
  folder: "servers/filesystem",
  name: "filesystem",
  manifest: readPackageManifest('{ "name": "@mooring/filesystem", "version": "1.0.0", "description": "Files." }'),
  definition: { name: "filesystem", title: "Files", version: "1.0.0", tools: [] },
  options: {},
  answers: {},
};
const commands = (...lines: string[]) =>
  commandProblems("page.md", `\`\`\`sh\n${lines.join("\n")}\n\`\`\`\n`, [filesystem]);

describe("linkProblems", () => {
  it("accepts files, folders, headings and addresses elsewhere", () => {
    const text =
      "# Some Heading: it's here\n[a](../package.json) [b](../scripts) [c](#some-heading-its-here) [d](https://example.org/x)";
    expect(linkProblems("docs/page.md", text)).toEqual([]);
  });

  it("names what does not exist", () => {
    expect(linkProblems("docs/page.md", "[a](missing.md)")).toEqual(["docs/page.md: missing.md does not exist"]);
    expect(linkProblems("docs/page.md", "# Here\n[a](#there)")).toEqual([
      "docs/page.md: #there names no heading of docs/page.md",
    ]);
    expect(linkProblems("page.md", "[a](../outside.md)")).toEqual([
      "page.md: ../outside.md leads out of the repository",
    ]);
    expect(linkProblems("page.md", '<img src="missing.svg">')).toEqual(["page.md: missing.svg does not exist"]);
  });

  it("leaves code alone", () => {
    expect(linkProblems("page.md", "`[a](missing.md)`\n```\n[b](missing.md)\n```\n")).toEqual([]);
  });
});

describe("commandProblems", () => {
  it("accepts what the repository has", () => {
    expect(
      commands(
        "npm test",
        "npm run docs",
        "npm start --silent -- filesystem ~/dir --access write",
        "node scripts/start.mjs filesystem --http ~/dir",
        "TEST_SERVICES=process npm test   # without containers",
        "npx -y @mooring/filesystem@0.1.0 --help",
        "npx mooring-testing docs --check",
        "npm create @mooring/server my-server",
        "npm pkg set mcpName=io.github.octocat/x",
        "npx @anthropic-ai/mcpb@2.1.2 pack . x.mcpb",
        "npm create @mooring/server@latest my-server",
        "npm run dev",
        "claude mcp add filesystem --env A=b -- npx -y @mooring/filesystem --access write ~/dir",
        ".ci/run",
        "git clone https://example.org/x",
      ),
    ).toEqual([]);
  });

  it("names what it has not", () => {
    expect(commands("npm run nothing")).toEqual(['page.md: `npm run nothing`: package.json has no script "nothing"']);
    expect(commands("npm start -- elsewhere")).toEqual([
      "page.md: `npm start -- elsewhere`: there is no server elsewhere",
    ]);
    expect(commands("npx -y @mooring/missing")).toEqual([
      "page.md: `npx -y @mooring/missing`: the workspace has no package @mooring/missing",
    ]);
    expect(commands("npm create @mooring/missing")).toEqual([
      "page.md: `npm create @mooring/missing`: the workspace has no package @mooring/create-missing",
    ]);
    expect(commands("npx mooring-missing")).toEqual([
      "page.md: `npx mooring-missing`: the workspace has no package mooring-missing",
    ]);
    expect(commands("node scripts/missing.mjs")).toEqual([
      "page.md: `node scripts/missing.mjs`: scripts/missing.mjs does not exist",
    ]);
    expect(commands("mooring-missing --help")).toEqual([
      "page.md: `mooring-missing --help`: no package has the command mooring-missing",
    ]);
    expect(commands("frobnicate")).toEqual([
      "page.md: `frobnicate`: frobnicate is not a command that the docs check knows",
    ]);
  });

  it("knows the options of the server that a command runs", () => {
    expect(commands("npx -y @mooring/filesystem --acess write ~/dir")).toEqual([
      "page.md: `npx -y @mooring/filesystem --acess write ~/dir`: filesystem has no option --acess",
    ]);
    expect(commands("claude mcp add filesystem -- npx -y @mooring/filesystem --acess write")).toHaveLength(1);
  });
});

describe("the pipeline in the docs", () => {
  it("has a sentence for every stage, and no other", () => {
    expect(Object.keys(stageWords)).toEqual(pipeline.map(({ name }) => name));
  });

  it("is drawn from core's own list, in order", () => {
    const picture = architecture(["filesystem"]);
    const drawn = [...picture.matchAll(/<text[^>]*>([^<]+)<\/text>/g)].map(([, words]) => words);
    expect(drawn.filter((words) => words !== undefined && words in stageWords)).toEqual(
      pipeline.map(({ name }) => name),
    );
  });
});
