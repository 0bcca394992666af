import { execFile } from "node:child_process";
import { chmod, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
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
let folder = "";

beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), "mooring-docker-"));
  await chmod(folder, 0o777);
  await writeFile(path.join(folder, "hello.txt"), "Hello from outside.\n", { mode: 0o666 });
  if (containers) await run(script, ["filesystem", image]);
});
afterAll(() => rm(folder, { recursive: true, force: true }));
beforeEach(keepArtifacts);
beforeEach(({ skip }) => skip(!containers, "needs a container engine"));

function serve(...options: string[]): Promise<StdioSession> {
  return connectStdio("docker", [...hardened.split(" "), "-v", `${folder}:/data`, image, "/data", ...options]);
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
});

test("it creates files in its folder as uid 1000", async () => {
  await using session = await serve("--access", "write");
  const written = await session.call("write", { path: "/data/new.txt", content: "from inside", mode: "create" });
  expect(textOf(written)).not.toMatch(/unexpectedly/);
  expect(written.isError).toBeFalsy();
  expect(await readFile(path.join(folder, "new.txt"), "utf8")).toBe("from inside");
});

test("it ends with its client", async () => {
  const before = await running();
  const session = await serve();
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
