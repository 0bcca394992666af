import { describe, expect, it } from "vitest";
import { readPackageManifest } from "../src/docs.ts";
import { binOf, forgeOf } from "../src/docs-package.ts";
import { manifest } from "./support/documented-server.ts";

describe("readPackageManifest", () => {
  it("names what is missing, all at once", () => {
    expect(() => readPackageManifest('{ "name": "x", "description": "", "author": 7 }')).toThrow(
      "package.json: missing, empty or of the wrong type: version, description, author.",
    );
    expect(() => manifest({ homepage: "acme" })).toThrow("wrong type: homepage.");
    expect(manifest({ homepage: "" }).homepage).toBeUndefined();
    expect(() => readPackageManifest("[]")).toThrow(/^package\.json: .*the whole\.$/);
    expect(() => readPackageManifest('{ "name": ')).toThrow(/^package\.json is not valid JSON: /);
  });

  it.each([
    ["Ada <ada@acme.test> (https://acme.test)", { name: "Ada", email: "ada@acme.test", url: "https://acme.test" }],
    ["Ada Byron", { name: "Ada Byron" }],
    [
      { name: "Ada", url: "https://acme.test" },
      { name: "Ada", url: "https://acme.test" },
    ],
    ["", undefined],
    ["<ada@acme.test>", undefined],
  ])("reads the author %j", (author, expected) => {
    expect(manifest({ author }).author).toEqual(expected);
  });

  it.each([
    "acme/demo",
    "github:acme/demo",
    "git+https://github.com/acme/demo.git",
    "https://github.com/acme/demo",
    "git@github.com:acme/demo.git",
    "git+ssh://git@github.com/acme/demo.git",
    "git://github.com/acme/demo.git#main",
    { type: "git", url: "https://github.com/acme/demo.git" },
  ])("makes an address that a browser opens of %j", (repository) => {
    const read = manifest({ repository });
    expect(read.repository?.url).toBe("https://github.com/acme/demo");
    expect(forgeOf(read)).toEqual({ source: "github", owner: "acme", name: "demo" });
  });

  it("knows GitLab, with its groups, and no other host", () => {
    const { repository } = manifest({ repository: "gitlab:acme/demo" });
    expect(repository?.url).toBe("https://gitlab.com/acme/demo");
    expect(forgeOf(manifest({ repository: "https://gitlab.com/acme/tools/demo.git" }))).toEqual({
      source: "gitlab",
      owner: "acme",
      name: "demo",
    });
    expect(forgeOf(manifest({ repository: "https://git.acme.test/acme/demo" }))).toBeUndefined();
    expect(forgeOf(manifest({ repository: undefined }))).toBeUndefined();
  });
});

describe("binOf", () => {
  it("is the first command, or the package's own name", () => {
    expect(binOf(manifest())).toEqual({ command: "acme-demo", file: "dist/bin.js" });
    expect(binOf(manifest({ bin: "dist/bin.js" }))).toEqual({ command: "demo", file: "dist/bin.js" });
    expect(() => binOf(manifest({ bin: {} }))).toThrow('package.json has no "bin"');
  });
});
