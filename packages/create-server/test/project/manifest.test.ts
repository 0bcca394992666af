import { describe, expect, test } from "vitest";
import type { Answers } from "../../src/answers/answers.ts";
import { namesOf } from "../../src/answers/names.ts";
import { standaloneManifest, workspaceManifest } from "../../src/project/manifest.ts";

const template = {
  name: "@mooring/template-http-api",
  private: true,
  description: "Weather for MCP hosts.",
  keywords: ["mcp"],
  license: "MIT",
  bin: { "mooring-weather": "./dist/bin.js" },
  files: ["dist", "SKILL.md"],
  type: "module",
  exports: { "./package.json": "./package.json" },
  scripts: { build: "tsdown", dev: "mooring-testing dev", docs: "mooring-testing docs", test: "vitest run" },
  devDependencies: { zod: "4.0.0", "@mooring/core": "workspace:^", "@mooring/testing": "workspace:^" },
  engines: { node: ">=22.12" },
};
const added = {
  scripts: { build: "tsdown", test: "npm run build" },
  devDependencies: { "@changesets/cli": "3.0.0", vitest: "5.0.0" },
  overrides: { a: "1.0.0" },
};
const answers: Answers = {
  names: namesOf("@acme/weather"),
  kind: "http-api",
  access: "full",
  licence: "Apache-2.0",
  author: "Ada",
};
const ranges = { "@mooring/core": "^1.2.0", "@mooring/testing": "^1.3.0" };

describe("package.json of a project of its own", () => {
  test("has the template's facts, published versions and the tools that it needs", () => {
    expect(standaloneManifest(template, added, answers, ranges)).toEqual({
      name: "@acme/weather",
      version: "0.0.0",
      description: "Weather for MCP hosts.",
      keywords: ["mcp"],
      license: "Apache-2.0",
      author: "Ada",
      bin: { "mooring-weather": "./dist/bin.js" },
      files: ["dist", "SKILL.md"],
      type: "module",
      exports: { "./package.json": "./package.json" },
      publishConfig: { access: "public" },
      scripts: added.scripts,
      devDependencies: {
        "@changesets/cli": "3.0.0",
        "@mooring/core": "^1.2.0",
        "@mooring/testing": "^1.3.0",
        vitest: "5.0.0",
        zod: "4.0.0",
      },
      overrides: { a: "1.0.0" },
      engines: { node: ">=22.12" },
      mcpName: "io.github.acme/weather",
    });
  });

  test("sorts dependencies as npm does, so that its first install changes nothing", () => {
    const { devDependencies } = standaloneManifest(template, added, answers, ranges) as {
      devDependencies: Record<string, string>;
    };
    expect(Object.keys(devDependencies)).toEqual(Object.keys(devDependencies).toSorted());
  });

  test("without a licence cannot be published by accident", () => {
    const manifest = standaloneManifest(template, added, { ...answers, licence: "UNLICENSED" }, ranges);
    expect(manifest).toMatchObject({ private: true, license: "UNLICENSED" });
    expect(manifest).not.toHaveProperty("publishConfig");
  });

  test("without an author or scope says whose it is in general terms", () => {
    const nobody = { ...answers, names: namesOf("weather"), author: "" };
    expect(standaloneManifest(template, added, nobody, ranges)).toMatchObject({
      author: "The Weather authors",
      mcpName: "io.github.your-account/weather",
    });
  });
});

test("package.json of a server of the workspace is as its neighbours'", () => {
  const names = namesOf("@mooring/weather");
  expect(workspaceManifest(template, { ...answers, names, licence: "MIT" })).toEqual({
    name: "@mooring/weather",
    version: "0.0.0",
    description: "Weather for MCP hosts.",
    keywords: ["mcp"],
    license: "MIT",
    author: "The Mooring authors",
    repository: {
      type: "git",
      url: "git+https://github.com/mooring-mcp/mooring.git",
      directory: "servers/weather",
    },
    bin: { "mooring-weather": "./dist/bin.js" },
    files: ["dist", "SKILL.md"],
    type: "module",
    exports: { "./package.json": "./package.json" },
    scripts: { build: "tsdown", test: "vitest run" },
    devDependencies: template.devDependencies,
    engines: { node: ">=22.12" },
    mcpName: "io.github.mooring-mcp/weather",
  });
});
