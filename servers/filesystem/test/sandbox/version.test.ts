import { createHash } from "node:crypto";
import { truncateSync, utimesSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { hashedUpTo, hashOfBytes, matchesVersion, versionOf } from "../../src/sandbox/version.ts";
import { workspace } from "./workspace.ts";

describe("versions", () => {
  it("are hashes of small files, accepted in full as well", () => {
    using space = workspace();
    const sandbox = space.sandbox();
    using file = sandbox.openFile(sandbox.parse("ok.txt"));
    const version = versionOf(file);
    expect(version).toMatch(/^[0-9a-f]{16}$/);
    expect(version).toBe(hashOfBytes(Buffer.from("ok-content\n")));
    expect(versionOf(file, Buffer.from("ok-content\n"))).toBe(version);
    const full = createHash("sha256").update("ok-content\n").digest("hex");
    const right = [version, version.toUpperCase(), full, `sha256:${full}`];
    const wrong = [full.replace(/.$/, "x"), "0000", "", version.slice(0, 15), "v-00000000000000"];
    expect(right.map((given) => matchesVersion(file, given))).toEqual(right.map(() => true));
    expect(wrong.map((given) => matchesVersion(file, given))).toEqual(wrong.map(() => false));
  });

  it("are tags of large files, which change with size and time", () => {
    using space = workspace();
    writeFileSync(space.at("big"), "x");
    truncateSync(space.at("big"), hashedUpTo + 1);
    const sandbox = space.sandbox();
    const version = () => {
      using file = sandbox.openFile(sandbox.parse("big"));
      return versionOf(file);
    };
    const first = version();
    expect(first).toMatch(/^v-[0-9a-f]{14}$/);
    expect(version()).toBe(first);
    utimesSync(space.at("big"), 1, 1);
    const second = version();
    expect(second).not.toBe(first);
    using file = sandbox.openFile(sandbox.parse("big"));
    expect([matchesVersion(file, second), matchesVersion(file, first)]).toEqual([true, false]);
  });

  it("are not compared with a content hash where that would take reading a huge file", () => {
    using space = workspace();
    writeFileSync(space.at("huge"), "x");
    truncateSync(space.at("huge"), 20_000_000_000);
    const sandbox = space.sandbox();
    using file = sandbox.openFile(sandbox.parse("huge"));
    const started = performance.now();
    expect(matchesVersion(file, "0".repeat(64))).toBe(false);
    expect(performance.now() - started).toBeLessThan(1_000);
    expect(matchesVersion(file, versionOf(file))).toBe(true);
  });
});
