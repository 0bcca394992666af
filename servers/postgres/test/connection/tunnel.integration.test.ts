import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { type Postgres, startPostgres } from "@mooring/testing";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { requestCancel } from "../../src/connection/cancel.ts";
import { connect } from "../../src/connection/connect.ts";
import { deadPort } from "./listening.ts";
import { programPath, running } from "./program.ts";
import { settingsFrom, timeouts } from "./settings-from.ts";

let server: Postgres;
let folder: string;
beforeAll(async () => {
  server = await startPostgres();
  folder = mkdtempSync(path.join(tmpdir(), "mooring-ssh-"));
});
afterAll(async () => {
  await server.stop();
  rmSync(folder, { recursive: true });
});

const open = async (ssh: string, env: NodeJS.ProcessEnv = {}, url = server.url) =>
  connect(await settingsFrom({ ...env, DATABASE_URL: url }, { ssh }), timeouts, AbortSignal.timeout(8_000));

const failure = (ssh: string, env: NodeJS.ProcessEnv, url?: string) =>
  open(ssh, env, url).then(
    () => "connected",
    ({ message }: Error) => message,
  );

describe("the program that is started", () => {
  /** A program named `ssh` that does what -W does, and writes down how it was started and that it ended. */
  const fake = `#!${process.execPath}
const { appendFileSync } = require("node:fs");
const args = process.argv.slice(2);
appendFileSync(__dirname + "/log", JSON.stringify({ args, secrets: Object.keys(process.env).filter((n) => /DATABASE_URL|PASSWORD/.test(n)) }) + "\\n");
process.on("exit", () => appendFileSync(__dirname + "/log", "ended\\n"));
process.on("SIGTERM", () => process.exit(0));
if (args.at(-1) === "refusing") { console.error("banner\\nPermission denied (publickey)."); process.exit(255); }
if (args.at(-1) === "dying") return process.stdin.once("data", () => {
  process.stdout.write("S");
  process.stdin.once("data", () => { console.error("Timeout, server not responding."); process.exit(255); });
});
const [, host, port] = /^(?:\\[(.+)\\]|[^:]+):(\\d+)$/.exec(args[1]);
const socket = require("node:net").connect(Number(port), host ?? "127.0.0.1");
process.stdin.pipe(socket).pipe(process.stdout);
socket.on("close", () => process.exit(0));
`;
  beforeEach(() => {
    writeFileSync(path.join(folder, "ssh"), fake, { mode: 0o700 });
    rmSync(path.join(folder, "log"), { force: true });
  });
  const env = () => ({ PATH: folder });
  const log = () => readFileSync(path.join(folder, "log"), "utf8").trim().split("\n");

  it("is ssh -W without a shell, without our secrets, and ends with the connection", async () => {
    const { client } = await open("ann@jump.example:2222", { ...env(), PGPASSWORD: "secret" });
    expect((await client.query("SELECT 1 AS a")).rows).toEqual([{ a: 1 }]);
    const { port } = new URL(server.url);
    expect(log()).toEqual([
      JSON.stringify({
        args: ["-W", `127.0.0.1:${port}`, "-o", "BatchMode=yes", "-p", "2222", "--", "ann@jump.example"],
        secrets: [],
      }),
    ]);
    await client.end();
    await expect.poll(log).toHaveLength(2);
  });

  it("carries a cancellation as well", async () => {
    const opened = await open("jump", env());
    const sleeping = opened.client.query("SELECT pg_sleep(20)").catch((error: unknown) => error);
    await new Promise((resolve) => setTimeout(resolve, 100));
    await requestCancel(opened);
    expect(await sleeping).toMatchObject({ code: "57014" });
    await opened.client.end();
    await expect.poll(() => log().filter((line) => line === "ended")).toHaveLength(2);
  });

  it("tells its last words, with TLS and without", async () => {
    for (const mode of ["disable", "prefer", "require"]) {
      const said = await failure("refusing", env(), `${server.url}?sslmode=${mode}`);
      expect(said).toMatch(/^The SSH tunnel through refusing has ended\. ssh says: \s*/);
      expect(said).toContain("Permission denied (publickey).");
      expect(said).not.toContain("banner");
    }
  });

  it("tells them also where TLS had begun", async () => {
    expect(await failure("dying", env(), `${server.url}?sslmode=require`)).toContain("Timeout, server not responding.");
  });

  it("says that there is none", async () => {
    expect(await failure("jump", { PATH: "/nonexistent" })).toBe(
      "The program ssh is not installed, and the database is reached through it.",
    );
  });

  it("reaches no socket's folder, and a numeric address in brackets", async () => {
    expect(await failure("jump", env(), "host=/var/run/postgresql user=u")).toBe(
      "Through --ssh a database is reached by the name or the address of its host.",
    );
    expect(await failure("jump", env(), `host=::1 port=${await deadPort()} user=u connect_timeout=2`)).toMatch(
      /closed|ended|ECONNRESET/,
    );
    expect(log()[0]).toContain('"-W","[::1]:');
  });

  it("ends when the caller leaves", async () => {
    writeFileSync(path.join(folder, "ssh"), fake.replace(/const \[, host[^]*/, "setInterval(() => {}, 1000);"), {
      mode: 0o700,
    });
    const settings = await settingsFrom({ ...env(), DATABASE_URL: server.url }, { ssh: "jump" });
    const leaving = AbortSignal.timeout(600);
    const left: unknown = await connect(settings, timeouts, leaving).catch((error: unknown) => error);
    expect(left).toBe(leaving.reason);
    await expect.poll(log).toContain("ended");
  });
});

const sshd = programPath("sshd");
const ssh = programPath("ssh");

// The Debian packages openssh-server and openssh-client; the server lets in whom it runs as.
describe.skipIf(sshd === undefined || ssh === undefined)("a real SSH server (needs ssh and sshd)", () => {
  it("is passed through, both for statements and for their cancellation", async () => {
    const port = await deadPort();
    const key = path.join(folder, "key");
    for (const name of ["key", "host"])
      if (!existsSync(path.join(folder, name)))
        execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", path.join(folder, name)]);
    const config = [
      `Port ${port}`,
      "ListenAddress 127.0.0.1",
      `HostKey ${folder}/host`,
      `AuthorizedKeysFile ${folder}/key.pub`,
      "StrictModes no",
      "PidFile none",
      "UsePAM no",
      "PermitRootLogin yes",
    ];
    // As root it separates privileges, and needs a folder of the system's own for that.
    if (process.getuid?.() === 0) execFileSync("mkdir", ["-p", "/run/sshd"]);
    await using _ = await running(
      sshd ?? "",
      { sshd_config: config.join("\n") },
      (at) => ["-D", "-e", "-f", `${at}/sshd_config`],
      /Server listening/,
      { asRoot: true },
    );
    // The client has no option of ours for keys: they come from its own configuration, here from a program around it.
    const known = [
      "-F",
      "none",
      "-i",
      key,
      "-o",
      "StrictHostKeyChecking=no",
      "-o",
      "UserKnownHostsFile=/dev/null",
      "-o",
      "LogLevel=ERROR",
    ];
    writeFileSync(path.join(folder, "ssh"), `#!/bin/sh\nexec ${ssh} ${known.join(" ")} "$@"\n`, { mode: 0o700 });
    const PATH = `${folder}:${process.env["PATH"]}`;
    const opened = await open(`127.0.0.1:${port}`, { PATH });
    expect((await opened.client.query("SELECT repeat('x', 100000) AS a")).rows).toEqual([{ a: "x".repeat(100_000) }]);
    const sleeping = opened.client.query("SELECT pg_sleep(20)").catch((error: unknown) => error);
    await new Promise((resolve) => setTimeout(resolve, 100));
    await requestCancel(opened);
    expect(await sleeping).toMatchObject({ code: "57014" });
    await opened.client.end();
    writeFileSync(
      path.join(folder, "ssh"),
      `#!/bin/sh\nexec ${ssh} -F none -o StrictHostKeyChecking=yes -o UserKnownHostsFile=/dev/null "$@"\n`,
      { mode: 0o700 },
    );
    expect(await failure(`127.0.0.1:${port}`, { PATH })).toContain("Host key verification failed.");
  });
});
