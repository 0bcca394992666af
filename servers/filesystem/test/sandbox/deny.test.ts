import { describe, expect, it } from "vitest";
import { denyPolicy } from "../../src/sandbox/deny.ts";

const policy = denyPolicy([]);
const refuses = (path: string, action: "read" | "write" | "move" = "read", using = policy) =>
  using.refuses(path.split("/"), action);

describe("names that hold secrets", () => {
  it.for([
    ".env",
    "a/b/.env",
    ".env.local",
    ".ENV",
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
    ".git/config",
    "ssh/config",
    "src/env.ts",
    "",
  ])("leaves %s alone", (path) => {
    expect(refuses(path)).toBeUndefined();
    expect(refuses(path, "write")).toBeUndefined();
  });

  it("lets git's hooks be read and not written", () => {
    expect(refuses(".git/hooks/pre-commit")).toBeUndefined();
    expect(refuses(".git/hooks/pre-commit", "write")).toBe(".git/hooks");
    expect(refuses("sub/.git/hooks", "write")).toBe(".git/hooks");
  });

  it("lets nothing be renamed out of a pattern or into one", () => {
    expect(refuses(".git", "move")).toBe(".git/hooks");
    expect(refuses("a/.aws", "move")).toBe(".aws/credentials");
    expect(refuses(".git/config", "move")).toBeUndefined();
  });

  it("lifts what the operator allows and nothing else", () => {
    const lifted = denyPolicy([".env", "certs/*.pem", "deploy/**", ".git/hooks"]);
    expect(refuses("a/.env", "read", lifted)).toBeUndefined();
    expect(refuses(".env.local", "read", lifted)).toBe(".env.*");
    expect(refuses("certs/a.pem", "read", lifted)).toBeUndefined();
    expect(refuses("other/a.pem", "read", lifted)).toBe("*.pem");
    expect(refuses("deploy/x/y/id_rsa", "read", lifted)).toBeUndefined();
    expect(refuses(".git", "move", lifted)).toBeUndefined();
  });
});
