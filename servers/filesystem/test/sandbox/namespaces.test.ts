import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Sandbox } from "../../src/sandbox/sandbox.ts";
import { refusal, type Workspace, workspace } from "./workspace.ts";

const linux = process.platform === "linux";
// Other containers of the same user are such processes; here the mounts are ours to make, where we may.
const mayMount = linux && spawnSync("unshare", ["-m", "true"]).status === 0;

const text = (sandbox: Sandbox, path: string) => {
  using file = sandbox.openFile(sandbox.parse(path));
  return readFileSync(file.fd, "utf8");
};

describe.runIf(mayMount)("another tree of mounts, where the same paths are other files (needs unshare -m)", () => {
  let space: Workspace;
  let stranger: ChildProcess;
  beforeEach(async () => {
    space = workspace();
    writeFileSync(join(space.outside, "same"), "foreign");
    const script = `mount --bind ${space.outside} ${space.root} && echo ready && exec sleep 60`;
    stranger = spawn("unshare", ["-m", "sh", "-c", script], { stdio: ["ignore", "pipe", "inherit"] });
    await new Promise((resolve) => stranger.stdout?.once("data", resolve));
    const foreign = `/proc/${stranger.pid}/root${space.root}`;
    symlinkSync(`${foreign}/same`, space.at("same"));
    symlinkSync(`${foreign}/same`, space.at("link"));
    symlinkSync(foreign, space.at("directory"));
  });
  afterEach(async () => {
    stranger.kill();
    await sleep(20);
    space[Symbol.dispose]();
  });

  it("is not entered by links through /proc", () => {
    const sandbox = space.sandbox({ mode: "pinned" });
    expect(readFileSync(space.at("same"), "utf8")).toBe("foreign");
    for (const path of ["same", "link", "directory/same"]) {
      expect(refusal(() => text(sandbox, path)).kind).toBe("not_found");
      expect(refusal(() => sandbox.stat(sandbox.parse(path), { follow: true })).kind).toBe("not_found");
    }
    const write = (path: string) => sandbox.writeFile(sandbox.parse(path), Buffer.from("x"), { expect: "any" });
    for (const path of ["directory/new", "directory/same", "same"])
      expect(refusal(() => write(path)).kind).toBe("not_found");
    expect(refusal(() => sandbox.readDirectory(sandbox.parse("directory"))).kind).toBe("not_found");
    expect(refusal(() => sandbox.makeDirectories(sandbox.parse("directory/a"))).kind).toBe("not_found");
    expect(readdirSync(space.outside).toSorted()).toEqual(["same", "secret.txt"]);
    expect(readFileSync(join(space.outside, "same"), "utf8")).toBe("foreign");
  });
});

describe.runIf(mayMount)("a mount inside a root (needs unshare -m)", () => {
  it("is inside", () => {
    using space = workspace();
    mkdirSync(space.at("mounted"));
    const script = `import { createSandbox } from ${JSON.stringify(new URL("../../src/sandbox/create.ts", import.meta.url).href)};
      import { readFileSync } from "node:fs";
      const sandbox = createSandbox({ directories: [${JSON.stringify(space.root)}], mode: "pinned" });
      using file = sandbox.openFile(sandbox.parse("mounted/secret.txt"));
      console.log(readFileSync(file.fd, "utf8"));`;
    const command = `mount --bind ${space.outside} ${space.at("mounted")} && exec "$0" --input-type=module -e "$1"`;
    const { stdout, stderr } = spawnSync("unshare", ["-m", "sh", "-c", command, process.execPath, script], {
      encoding: "utf8",
    });
    expect([stdout.trim(), stderr]).toEqual(["TOPSECRET", expect.not.stringContaining("Error")]);
  });
});

describe.runIf(linux)("deleted files that somebody holds open (only on linux)", () => {
  it("are not reached by links through /proc, and names that end so are names", () => {
    using space = workspace();
    const sandbox = space.sandbox({ mode: "pinned" });
    writeFileSync(space.at(".env"), "SECRET");
    const held = openSync(space.at(".env"), "r");
    rmSync(space.at(".env"));
    symlinkSync(`/proc/${process.pid}/fd/${held}`, space.at("link"));
    expect(readFileSync(space.at("link"), "utf8")).toBe("SECRET");
    expect(refusal(() => text(sandbox, "link")).kind).toBe("not_found");
    writeFileSync(space.at("x (deleted)"), "kept");
    expect(text(sandbox, "x (deleted)")).toBe("kept");
    closeSync(held);
    expect(existsSync(space.at("x (deleted)"))).toBe(true);
  });
});
