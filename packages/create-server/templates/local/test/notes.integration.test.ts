import { fileURLToPath } from "node:url";
import { connectStdio, keepArtifacts, modeFor } from "@mooring/testing";
import { beforeEach, expect, test } from "vitest";
import { folderOf } from "./folder.ts";
import { sample } from "./sample.ts";

const project = fileURLToPath(new URL("..", import.meta.url));
const image = process.env["TEST_IMAGE_NODE"] || "node:24-alpine";
const { mode, why } = await modeFor(image);
beforeEach(keepArtifacts);

/** With the program and its folder, and nothing else: no network, no rights, nothing to write to. */
function contained(folder: string): string[] {
  const limits = "--read-only --network none --cap-drop ALL --security-opt no-new-privileges --pids-limit 64";
  const user = `${process.getuid?.()}:${process.getgid?.()}`;
  const mounts = ["dist", "package.json"].flatMap((path) => ["-v", `${project}${path}:/server/${path}:ro`]);
  const run = [
    "run",
    "-i",
    "--rm",
    "--init",
    ...limits.split(" "),
    "--user",
    user,
    ...mounts,
    "-v",
    `${folder}:/notes`,
  ];
  return ["docker", ...run, image, "node", "/server/dist/bin.js", "/notes"];
}

// The built program, with a folder of its own.
const ways = { "as a process": (folder: string) => [process.execPath, `${project}dist/bin.js`, folder], contained };

test.for(Object.entries(ways))("notes are listed, completed and read, %s", async ([, way], { skip }) => {
  skip(way === contained && mode === "process", why);
  await using folder = await folderOf();
  await using _ = await sample.start(folder.path);
  const [command = "", ...args] = way(folder.path);
  await using session = await connectStdio(command, args);
  expect(JSON.stringify((await session.call("list_notes")).content)).toContain("Repairs\\nTide table");
  const ref = { type: "ref/resource", uri: "example://notes/{name}" } as const;
  const { completion } = await session.client.complete({ ref, argument: { name: "name", value: "Ti" } });
  expect(completion.values).toEqual(["Tide table"]);
  const uri = "example://notes/Repairs";
  const { contents } = await session.client.readResource({ uri });
  expect(contents[0]).toMatchObject({ text: "The third step creaks.\n" });
  const outside = session.client.readResource({ uri: "example://notes/..%2Fpackage" });
  await expect(outside).rejects.toThrow(/cannot be a note/);
});
// begin: full

test.for(Object.entries(ways))("a note is added, read and deleted, %s", async ([, way], { skip }) => {
  skip(way === contained && mode === "process", why);
  await using folder = await folderOf();
  await using _ = await sample.start(folder.path);
  const [command = "", ...args] = way(folder.path);
  await using session = await connectStdio(command, [...args, "--access", "full"], { answer: () => true });
  expect((await session.call("add_note", { name: "Oil", text: "The door creaks." })).isError).toBeUndefined();
  const uri = "example://notes/Oil";
  const { contents } = await session.client.readResource({ uri });
  expect(contents[0]).toMatchObject({ text: "The door creaks." });
  expect((await session.call("delete_note", { name: "Oil" })).isError).toBeUndefined();
  expect(JSON.stringify((await session.call("list_notes")).content)).not.toContain("Oil");
  expect(JSON.stringify((await session.call("delete_note", { name: "Oil" })).content)).toContain("no such note");
});
// end: full
