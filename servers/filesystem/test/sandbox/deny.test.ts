import { describe, expect, it } from "vitest";
import { denyPolicy } from "../../src/sandbox/deny.ts";

const policy = denyPolicy([]);
const refuses = (path: string, action: "read" | "write" = "read", using = policy) =>
  using.refuses(path.split("/"), action)?.pattern;
const below = (path: string, using = policy) =>
  using.refusesBelow(path.split("/")).map(({ pattern, names }) => `${pattern}: ${names.join("/")}`);

describe("names that hold secrets", () => {
  it.for([
    ".env",
    "a/b/.env",
    ".env.local",
    ".env-production",
    ".ENV",
    ".env.",
    ".npmrc .",
    ".\u017f\u017fh/config",
    ".e\u200bnv",
    "server.\uff50em",
    ".env.example/.env.local",
    "id_rsa.pub/id_rsa",
    ".kube/config",
    ".config/gh/hosts.yml",
    ".envrc",
    "certs/server.pem",
    "id_rsa",
    "id_ed25519",
    "keys/id_rsa_work",
    ".ssh",
    ".ssh/config",
    "home/.ssh/keys/x",
    ".npmrc",
    ".netrc",
    ".pgpass",
    ".git-credentials",
    ".aws/credentials",
    ".local/state/mooring/filesystem/journal/blobs/ab",
  ])("refuses to read %s", (path) => {
    expect(refuses(path)).toBeTypeOf("string");
    expect(refuses(path, "write")).toBeTypeOf("string");
  });

  it.for([
    ".env.example",
    "a/.env.sample",
    "environment.ts",
    "id_rsa.pub",
    "id_card.txt",
    "my.pem.txt",
    ".aws/config",
    ".config/app.json",
    ".git/HEAD",
    "mooring/filesystem/src/main.ts",
    "ssh/config",
    "src/env.ts",
    "",
  ])("leaves %s alone", (path) => {
    expect(refuses(path)).toBeUndefined();
    expect(refuses(path, "write")).toBeUndefined();
  });

  it("lets what git runs be read and not written", () => {
    expect(refuses(".git/hooks/pre-commit")).toBeUndefined();
    expect(refuses(".git/hooks/pre-commit", "write")).toBe(".git/hooks");
    expect(refuses("sub/.git/hooks", "write")).toBe(".git/hooks");
    expect(refuses(".git/config")).toBeUndefined();
    expect(refuses(".git/config", "write")).toBe(".git/config");
    expect(refuses(".git/modules/x/hooks/pre-commit", "write")).toBe(".git/modules");
  });

  it("says what a directory must not hold to be renamed out of a pattern or into one", () => {
    expect(below("x/.git")).toEqual([".git/hooks: hooks", ".git/config: config", ".git/modules: modules"]);
    expect(below("a/.aws")).toEqual([".aws/credentials: credentials"]);
    expect(below("state/mooring")).toContain("mooring/filesystem/journal: filesystem/journal");
    expect(below("state/mooring/filesystem")).toEqual(["mooring/filesystem/journal: journal"]);
    expect(below("a/b")).toEqual([]);
  });

  it("lifts what the operator allows and nothing else", () => {
    const lifted = denyPolicy([".env", "certs/*.pem", "deploy/**", ".git/hooks"]);
    expect(refuses("a/.env", "read", lifted)).toBeUndefined();
    expect(refuses(".env.local", "read", lifted)).toBe(".env*");
    expect(refuses("certs/a.pem", "read", lifted)).toBeUndefined();
    expect(refuses("other/a.pem", "read", lifted)).toBe("*.pem");
    expect(refuses("deploy/x/y/id_rsa", "read", lifted)).toBeUndefined();
    expect(below(".git", lifted)).toEqual([".git/config: config", ".git/modules: modules"]);
    // A pattern of several names lifts only what all of them match.
    expect(refuses(".ssh/certs", "read", lifted)).toBe(".ssh");
  });

  it("never opens what servers keep for themselves", () => {
    const everything = denyPolicy(["**", "*"]);
    expect(refuses(".ssh/id_rsa", "read", everything)).toBeUndefined();
    for (const path of [".local/state/mooring/github/tokens/x.json", "mooring/filesystem/journal/blobs/ab"])
      expect(refuses(path, "read", everything)).toBeTypeOf("string");
  });
});
