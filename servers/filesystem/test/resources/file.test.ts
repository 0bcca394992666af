import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { execFileSync } from "node:child_process";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { defineServer } from "@mooring/core";
import { connect, eras } from "@mooring/core/testing";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { mapError } from "../../src/errors.ts";
import { uriOfPath } from "../../src/resources/file-uri.ts";
import { file } from "../../src/resources/file.ts";
import { createSandbox } from "../../src/sandbox/create.ts";
import type { Sandbox } from "../../src/sandbox/sandbox.ts";
import type { Deps } from "../../src/tool.ts";
import { createWatcher } from "../../src/watch/watcher.ts";

const definition = defineServer<Deps>({
  name: "files",
  title: "Files",
  version: "1.0.0",
  tools: [],
  resources: [file],
  mapError,
});
const PNG = Buffer.from("89504e470d0a1a0a0000000d49484452", "hex");

let base: string;
let root: string;
let sandbox: Sandbox;

beforeEach(() => {
  base = realpathSync(mkdtempSync(join(tmpdir(), "resources-")));
  root = join(base, "root");
  mkdirSync(join(root, "sub"), { recursive: true });
  mkdirSync(join(base, "outside"));
  writeFileSync(join(base, "outside/secret.txt"), "TOPSECRET");
  writeFileSync(join(root, "ok.txt"), "ok-content\n");
  sandbox = createSandbox({ directories: [root] });
});

afterEach(() => {
  sandbox.close();
  rmSync(base, { recursive: true });
});

const client = (era: (typeof eras)[number] = "2026") => {
  const watcher = createWatcher({ sandbox, maxWatches: 100, log: { warn: () => undefined } });
  return connect(definition, { deps: { sandbox, watcher } as Deps }, era);
};

async function read(path: string) {
  await using mcp = await client();
  const { contents } = await mcp.client.readResource({ uri: uriOfPath(join(root, path)) });
  expect(contents).toHaveLength(1);
  return contents[0];
}

async function refusal(uri: string): Promise<string> {
  await using mcp = await client();
  return await mcp.client.readResource({ uri }).then(
    () => "read",
    (error: Error) => error.message,
  );
}

describe("listing", () => {
  it.for(eras)("names the allowed directories, and nothing in them (%s)", async (era) => {
    await using mcp = await client(era);
    const { resources } = await mcp.client.listResources();
    expect(resources).toEqual([
      { uri: uriOfPath(root), name: "root", description: "An allowed directory.", mimeType: "inode/directory" },
    ]);
    const { resourceTemplates } = await mcp.client.listResourceTemplates();
    expect(resourceTemplates.map(({ uriTemplate }) => uriTemplate)).toEqual(["file:///{+path}"]);
  });

  it("of a directory is one line an entry, sorted, links and special files told apart", async () => {
    writeFileSync(join(root, "a\n[DIR] fake"), "");
    symlinkSync("../outside", join(root, "link"));
    execFileSync("mkfifo", [join(root, "pipe")]);
    expect(await read(".")).toMatchObject({
      mimeType: "inode/directory",
      text: "a\\n[DIR] fake\nlink (link)\nok.txt\npipe (fifo)\nsub/\n",
    });
  });
});

describe("reading", () => {
  it.for([
    ["ok.txt", "text/plain", "ok-content\n"],
    ["mixed.md", "text/markdown", "\ufeffa\r\nb\n\u202ec"],
    ["empty", "text/plain", ""],
    ["script.png", "text/plain", "no image"],
  ] as const)("gives text byte for byte: %s", async ([name, mimeType, text]) => {
    writeFileSync(join(root, name), text);
    expect(await read(name)).toMatchObject({ mimeType, text });
  });

  it.for([
    ["image.dat", "image/png", PNG],
    ["nul.txt", "application/octet-stream", Buffer.from("a\0b")],
    ["latin1.txt", "application/octet-stream", Buffer.from("caf\xe9", "latin1")],
    ["sound.mp3", "audio/mpeg", Buffer.from([0xff, 0xfb, 0x90, 0])],
  ] as const)("gives bytes as they are: %s", async ([name, mimeType, bytes]) => {
    writeFileSync(join(root, name), bytes);
    expect(await read(name)).toMatchObject({ mimeType, blob: bytes.toString("base64") });
  });

  it("follows a link that stays inside", async () => {
    symlinkSync("ok.txt", join(root, "in"));
    expect(await read("in")).toMatchObject({ text: "ok-content\n" });
  });

  it("gives a file of exactly 1 MB, and names the tool for one that is larger", async () => {
    writeFileSync(join(root, "big"), Buffer.alloc(1_000_000, "a"));
    expect(await read("big")).toMatchObject({ text: readFileSync(join(root, "big"), "utf8") });
    appendFileSync(join(root, "big"), "a");
    expect(await refusal(uriOfPath(join(root, "big")))).toMatch(/1,000,000 bytes.*`read` tool/);
    truncateSync(join(root, "big"), 5_000_000_000);
    expect(await refusal(uriOfPath(join(root, "big")))).toMatch(/1,000,000 bytes/);
  });

  it("answers for what is outside as for what is missing", async () => {
    symlinkSync("../outside/secret.txt", join(root, "out"));
    const missing = join(root, "missing");
    const answer = async (path: string) => (await refusal(uriOfPath(path))).replaceAll(path, "P");
    expect(await answer(join(root, "out"))).toBe(await answer(missing));
    expect(await refusal(uriOfPath(join(base, "outside/secret.txt")))).toMatch(/not found|no such/i);
    expect(await refusal(`${uriOfPath(root)}/../outside/secret.txt`)).not.toMatch(/TOPSECRET|^read$/);
    expect(await refusal(`${uriOfPath(root)}/%2e%2e/outside/secret.txt`)).not.toMatch(/TOPSECRET|^read$/);
  });

  it.for(["file://evil.example/x", "file:///x%2fy", "file:///x%00"])("refuses %s", async (uri) => {
    expect(await refusal(uri)).toMatch(/another host|escaped slash or NUL|not found/i);
  });
});

describe("completion", () => {
  const complete = async (value: string) => {
    await using mcp = await client();
    const { completion } = await mcp.client.complete({
      ref: { type: "ref/resource", uri: "file:///{+path}" },
      argument: { name: "path", value },
    });
    return completion.values;
  };
  const below = (path: string) => join(root, path).slice(1) + (path.endsWith("/") ? "/" : "");

  it("leads from nothing to the allowed directories", async () => {
    expect(await complete("")).toEqual([`${root.slice(1)}/`]);
    expect(await complete(root.slice(1, -2))).toEqual([`${root.slice(1)}/`]);
  });

  it("names what begins so, directories with a slash", async () => {
    expect(await complete(below("o"))).toEqual([below("ok.txt")]);
    expect(await complete(`${root.slice(1)}/`)).toEqual([below("ok.txt"), `${root.slice(1)}/sub/`]);
  });

  it("names nothing outside", async () => {
    symlinkSync("../outside", join(root, "link"));
    expect(await complete(`${base.slice(1)}/outside/`)).toEqual([]);
    expect(await complete(`${root.slice(1)}/../outside/`)).toEqual([]);
    expect(await complete(`${root.slice(1)}/link/`)).toEqual([]);
  });

  it("sends at most 100 values", async () => {
    for (let i = 0; i < 120; i++) writeFileSync(join(root, "sub", `f${i}`), "");
    expect(await complete(`${root.slice(1)}/sub/`)).toHaveLength(100);
  });
});

describe("subscribing", () => {
  it("tells changes under the URI that was sent", async () => {
    await using mcp = await client("2025");
    const told: string[] = [];
    mcp.client.setNotificationHandler("notifications/resources/updated", ({ params }) => void told.push(params.uri));
    const uri = `${uriOfPath(root)}/%6fk.txt`;
    await mcp.client.subscribeResource({ uri });
    appendFileSync(join(root, "ok.txt"), "more");
    await expect.poll(() => told, { timeout: 3000 }).toEqual([uri]);
  });

  it("refuses what is outside as what is missing", async () => {
    symlinkSync("../outside/secret.txt", join(root, "out"));
    await using mcp = await client("2025");
    const answer = (path: string) =>
      mcp.client.subscribeResource({ uri: uriOfPath(join(root, path)) }).then(
        () => "subscribed",
        ({ message }: Error) => message.replaceAll(join(root, path), "P"),
      );
    expect(await answer("out")).toBe(await answer("missing"));
    expect(await answer("out")).not.toBe("subscribed");
  });
});
