import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { addBundleReleases, bundleReleases } from "../release-bundles.ts";
import { root } from "../workspace.mjs";

describe("bundleReleases", () => {
  const server = { name: "@mooring/one", devDependencies: { "@mooring/core": "workspace:^", zod: "4.0.0" } };

  it("releases what bundles a released package", () => {
    const [release] = bundleReleases(new Set(["@mooring/core"]), [server]);
    expect(release?.file).toBe("bundled-mooring-one.md");
    expect(release?.text).toBe('---\n"@mooring/one": patch\n---\n\nBundles the new @mooring/core.\n');
  });

  it("leaves alone what is released anyway, and what bundles nothing new", () => {
    expect(bundleReleases(new Set(["@mooring/core", "@mooring/one"]), [server])).toEqual([]);
    expect(bundleReleases(new Set(["@mooring/testing"]), [server])).toEqual([]);
    expect(bundleReleases(new Set(["@mooring/core"]), [{ name: "@mooring/none" }])).toEqual([]);
  });
});

describe("with changesets itself", () => {
  let workspace: string;
  const write = (file: string, content: unknown) => {
    mkdirSync(dirname(join(workspace, file)), { recursive: true });
    writeFileSync(join(workspace, file), typeof content === "string" ? content : JSON.stringify(content));
  };
  const member = (folder: string, name: string, devDependencies: Record<string, string> = {}, more: object = {}) =>
    write(`${folder}/package.json`, { name, version: "1.0.0", devDependencies, ...more });
  const git = (...args: string[]) =>
    execFileSync("git", ["-c", "user.name=t", "-c", "user.email=t@localhost", ...args], {
      cwd: workspace,
      stdio: "ignore",
    });
  /** Names of what would be released. Throws where changesets misses one. */
  const status = (...args: string[]) => {
    const command = join(root, "node_modules/.bin/changeset");
    execFileSync(command, ["status", ...args, "--output", "status.json"], { cwd: workspace, stdio: "pipe" });
    const text = readFileSync(join(workspace, "status.json"), "utf8");
    const { releases } = JSON.parse(text) as { releases: { name: string; type: string }[] };
    return releases.flatMap(({ name, type }) => (type === "none" ? [] : [name])).sort();
  };

  beforeEach(() => {
    workspace = mkdtempSync(join(tmpdir(), "mooring-bundles-"));
    write("package.json", { name: "workspace", private: true, packageManager: "pnpm@12.21.0" });
    write("pnpm-workspace.yaml", "packages: [packages/*, packages/*/templates/*, servers/*]\n");
    write("pnpm-lock.yaml", "lockfileVersion: '9.0'\n");
    const config = JSON.parse(readFileSync(join(root, ".changeset/config.json"), "utf8")) as object;
    write(".changeset/config.json", { ...config, changelog: false });
    member("packages/core", "@demo/core");
    member("servers/one", "@demo/one", { "@demo/core": "workspace:^" });
    member("servers/two", "@demo/two", { "@demo/core": "workspace:^" });
    member("servers/apart", "@demo/apart");
    member("packages/create-server", "@demo/create-server");
    const bundled = { "@demo/core": "workspace:^" };
    member("packages/create-server/templates/local", "@demo/template-local", bundled, { private: true });
    git("init", "-b", "main");
    git("add", ".");
    git("commit", "-m", "start");
  });
  afterEach(() => rmSync(workspace, { recursive: true, force: true }));

  it("a change in core releases every server that bundles it, and only those", () => {
    write(".changeset/some-change.md", '---\n"@demo/core": minor\n---\n\nFaster.\n');
    expect(addBundleReleases(workspace)).toEqual(["bundled-demo-one.md", "bundled-demo-two.md"]);
    expect(readFileSync(join(workspace, ".changeset/bundled-demo-one.md"), "utf8")).toContain('"@demo/one": patch');
    // A second run finds them released already.
    expect(addBundleReleases(workspace)).toEqual([]);
  });

  it("templates are private: nothing releases them, and a change in one demands no changeset", () => {
    git("checkout", "-b", "change");
    write("packages/create-server/templates/local/src/server.ts", "// changed");
    git("add", ".");
    git("commit", "-m", "change");
    expect(status("--since", "main")).toEqual([]);
    write(".changeset/some-change.md", '---\n"@demo/core": major\n---\n\nOther.\n');
    addBundleReleases(workspace);
    expect(status()).toEqual(["@demo/core", "@demo/one", "@demo/two"]);
  });

  it("a change in a server releases that server alone", () => {
    write(".changeset/some-change.md", '---\n"@demo/two": patch\n---\n\nMended.\n');
    expect(addBundleReleases(workspace)).toEqual([]);
    expect(readdirSync(join(workspace, ".changeset")).sort()).toEqual(["config.json", "some-change.md"]);
  });
});
