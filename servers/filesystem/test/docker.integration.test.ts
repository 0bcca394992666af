import { execFile } from "node:child_process";
import { chown, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { connectStdio, keepArtifacts, mode, type StdioSession } from "@mooring/testing";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";

const run = promisify(execFile);
const image = "mooring-test/filesystem:built";
const script = fileURLToPath(new URL("../../../scripts/build-server-image.sh", import.meta.url));
const hardened =
  "run -i --rm --init --read-only --network none --cap-drop ALL --security-opt no-new-privileges --pids-limit 64 --memory 256m --tmpfs /tmp";

const containers = (await mode()).mode === "containers";
// The image's own user where this one may give files away, else this one.
const asRoot = process.getuid?.() === 0;
const user = asRoot ? [] : ["--user", `${process.getuid?.()}:${process.getgid?.()}`];
let folder = "";
/** Why there is nothing to test here. */
let lacking: string | undefined = containers ? undefined : "needs a container engine";

/** Under `auto` an image that cannot be had (status 3: no root, no package manager) is a reason to skip, else a failure. */
async function build(): Promise<string | undefined> {
  try {
    await run(script, ["filesystem", image]);
    return undefined;
  } catch (error) {
    const { code, stderr } = error as { code?: unknown; stderr?: string };
    if (code !== 3 || process.env["TEST_SERVICES"] === "containers") throw error;
    console.error(stderr?.trim());
    return "needs what scripts/build-server-image.sh needs";
  }
}

async function give(...files: string[]): Promise<void> {
  if (asRoot) for (const file of files) await chown(file, 1000, 1000);
}

beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), "mooring-docker-"));
  await writeFile(path.join(folder, "hello.txt"), "Hello from outside.\n");
  await give(folder, path.join(folder, "hello.txt"));
  if (containers) lacking = await build();
});
afterAll(() => rm(folder, { recursive: true, force: true }));
beforeEach(keepArtifacts);
beforeEach(({ skip }) => skip(lacking !== undefined, lacking));

function serve(options: string[] = [], volume: string[] = []): Promise<StdioSession> {
  const container = [...hardened.split(" "), ...user, "-v", `${folder}:/data`, ...volume, image];
  return connectStdio("docker", [...container, "/data", ...options]);
}

function textOf({ content }: Awaited<ReturnType<StdioSession["call"]>>): string {
  return content.map((block) => (block.type === "text" ? block.text : "")).join("");
}

test("it lists and reads with nothing but its folder: read-only, no network, no capabilities, not root", async () => {
  await using session = await serve();
  const listed = await session.call("list", { path: "/data" });
  expect(listed.isError).toBeFalsy();
  expect(textOf(listed)).toContain("hello.txt");
  expect(textOf(await session.call("read", { paths: ["/data/hello.txt"] }))).toContain("Hello from outside.");
  const outside = await session.call("read", { paths: ["/etc/passwd"] });
  expect(outside.isError).toBe(true);
  const { contents } = await session.client.readResource({ uri: "skill://filesystem/SKILL.md" });
  expect(contents[0]).toMatchObject({ text: expect.stringContaining("name: filesystem") as string });
});

test("it creates files in its folder as its own user", async () => {
  await using session = await serve(["--access", "write"]);
  const written = await session.call("write", { path: "/data/new.txt", content: "from inside", mode: "create" });
  expect(textOf(written)).not.toMatch(/unexpectedly/);
  expect(written.isError).toBeFalsy();
  expect(await readFile(path.join(folder, "new.txt"), "utf8")).toBe("from inside");
});

test("it undoes what an earlier run did, where its state folder has a place", async () => {
  const state = path.join(folder, "state");
  await mkdir(state);
  await give(state);
  const volume = ["-v", `${state}:/state`];
  let id: string | undefined;
  {
    await using session = await serve(["--access", "full", "--confirm", "host"], volume);
    const change = { path: "/data/hello.txt", content: "Overwritten.\n", mode: "overwrite" };
    id = /undo id (\w+)/.exec(textOf(await session.call("write", change)))?.[1];
  }
  expect(await readFile(path.join(folder, "hello.txt"), "utf8")).toBe("Overwritten.\n");
  await using session = await serve(["--access", "full", "--confirm", "host"], volume);
  expect((await session.call("undo", { id })).isError).toBeFalsy();
  expect(await readFile(path.join(folder, "hello.txt"), "utf8")).toBe("Hello from outside.\n");
});

test("without one it refuses what could not be undone, and says why", async () => {
  await using session = await serve(["--access", "full", "--confirm", "host"]);
  const change = { path: "/data/hello.txt", content: "Overwritten.\n", mode: "overwrite" };
  const refused = await session.call("write", change);
  expect(refused.isError).toBe(true);
  expect(textOf(refused)).toMatch(/--journal off/);
});

test("it ends with its client", async () => {
  const before = await running();
  const session = await serve();
  await session.client.listTools(); // a client that asked a sibling first has sent nothing yet
  expect(await running()).toBe(before + 1);
  await session.close();
  await expect.poll(running, { timeout: 5_000 }).toBe(before);
});

async function running(): Promise<number> {
  const { stdout } = await run("docker", ["ps", "-q", "--filter", `ancestor=${image}`]);
  return stdout.split("\n").filter(Boolean).length;
}

test("it has no shell, and its user is not root", async () => {
  const { stdout } = await run("docker", ["image", "inspect", "-f", "{{.Config.User}}", image]);
  expect(stdout.trim()).toBe("1000:1000");
  for (const shell of ["/bin/sh", "/bin/bash", "/usr/bin/apt-get", "/usr/bin/perl"])
    await expect(run("docker", ["run", "--rm", "--entrypoint", shell, image])).rejects.toThrow(/no such file/i);
});
