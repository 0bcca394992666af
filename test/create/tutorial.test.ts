import { copyFileSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { connectStdio, type Emulated, keepArtifacts, startGitHub } from "@mooring/testing";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type Registry, startRegistry } from "./registry.ts";
import { sectionsOf } from "./tutorial/blocks.ts";
import { patternOf } from "./tutorial/expected.ts";
import { type Reader, startReader } from "./tutorial/reader.ts";

beforeEach(keepArtifacts);

const here = fileURLToPath(new URL(".", import.meta.url));
const page = readFileSync(join(here, "../../docs/new-server.md"), "utf8");
const sections = sectionsOf("docs/new-server.md", page);
const blocks = sections.flatMap((section) => section.blocks);

describe("docs/new-server.md, done as it says", () => {
  let registry: Registry;
  let github: Emulated;
  let reader: Reader;
  let env: Readonly<Record<string, string>>;
  let failed = false;
  const project = () => join(registry.home, "my-issues");

  beforeAll(async () => {
    [registry, github] = await Promise.all([
      startRegistry(["packages/core", "packages/testing", "packages/create-server"]),
      startGitHub({ repos: [{ owner: "octocat", name: "Hello-World" }] }),
    ]);
    await fetch(`${github.url}/repos/octocat/Hello-World/issues`, {
      method: "POST",
      headers: { authorization: `Bearer ${github.token}` },
      body: JSON.stringify({ title: "The lamp is dark" }),
    });
    // What the page has people save: of 12 MB the operation that it uses, in the form of GitHub's description.
    copyFileSync(join(here, "tutorial/api.github.com.json"), join(registry.home, "api.github.com.json"));
    const git = {
      GIT_AUTHOR_NAME: "Ada",
      GIT_AUTHOR_EMAIL: "ada@localhost",
      GIT_COMMITTER_NAME: "Ada",
      GIT_COMMITTER_EMAIL: "ada@localhost",
    };
    // A person at a terminal says yes when npm asks whether it may install what it is told to run; the cache is warm.
    const npm = { npm_config_yes: "true", npm_config_prefer_offline: "true" };
    env = { ...git, ...npm, GITHUB_TOKEN: github.token, MOORING_MY_ISSUES_URL: github.url };
    reader = startReader(registry, env);
  }, 120_000);

  afterAll(async () => {
    await reader?.[Symbol.asyncDispose]();
    await github?.stop();
    await registry?.[Symbol.asyncDispose]();
  });

  test.for(sections.filter((section) => section.blocks.length > 0))("$title", { timeout: 180_000 }, async (section) => {
    expect(failed, "an earlier section failed").toBe(false);
    failed = true;
    for (const block of section.blocks) await reader.follow(block);
    failed = false;
  });

  test("a host that is configured as the new README says gets the answer of the page", async () => {
    expect(failed, "a section failed").toBe(false);
    const readme = readFileSync(join(project(), "README.md"), "utf8");
    const [, snippet = "{}"] = /```json\n([\s\S]*?)```/.exec(readme) ?? [];
    expect(JSON.parse(snippet)).toEqual({
      mcpServers: {
        "my-issues": {
          command: "npx",
          args: ["-y", "my-issues"],
          env: { MOORING_MY_ISSUES_REPOSITORY: "<MOORING_MY_ISSUES_REPOSITORY>", GITHUB_TOKEN: "<GITHUB_TOKEN>" },
        },
      },
    });
    const configured = { MOORING_MY_ISSUES_REPOSITORY: "octocat/Hello-World", ...env };
    const bin = join(project(), "dist/bin.js");
    await using session = await connectStdio(process.execPath, [bin], { env: configured });
    const { content } = await session.call("list_issues");
    const answers = blocks.filter(({ info }) => info["call"] === "list_issues");
    expect(content).toEqual([
      { type: "text", text: expect.stringMatching(patternOf(answers.at(-1)?.body ?? "none")) as string },
    ]);
  });

  test("what it shows is formatted, and stays as it is", () => {
    expect(reader.written.size).toBeGreaterThan(10);
    for (const [file, text] of reader.written) expect(readFileSync(file, "utf8")).toBe(text);
  });

  test("its code can be seen whole", () => {
    const folder = join(project(), "src");
    const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".ts"));
    const lines = files.flatMap((name) => readFileSync(join(folder, name), "utf8").trimEnd().split("\n"));
    expect(lines.length).toBeGreaterThan(100);
    expect(lines.length).toBeLessThanOrEqual(250);
  });

  test("only what publishes is left out", () => {
    expect(reader.skipped).toHaveLength(1);
    expect(page.match(/^```\w+ skip.*$/gm)).toEqual(["```sh skip (publishes)"]);
  });
});

test("it is short", () => {
  expect(page.split("\n").length).toBeLessThanOrEqual(380);
  expect(blocks.length).toBeGreaterThan(20);
});
