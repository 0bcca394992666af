import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { expect, test } from "vitest";

const bin = new URL("notes-bin.ts", import.meta.url).pathname;
const run = (args: string[], env: Record<string, string> = {}) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [bin, ...args], {
    encoding: "utf8",
    env: { PATH: process.env["PATH"] ?? "", ...env },
    input: "",
  });
  return { status, stdout, stderr };
};

test("every problem of the command line, the environment and the file at once, exit 2, no stack, nothing on stdout", () => {
  const file = join(mkdtempSync(join(tmpdir(), "notes-")), "config.json");
  writeFileSync(file, JSON.stringify({ colour: "red", size: "${NOTES_SIZE_UNSET}", token: "x" }));
  const { status, stdout, stderr } = run(["--acces", "full", "extra", "--color", "blue", "--config", file], {
    MOORING_NOTES_TIMEOUT: "soon",
  });
  expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
  expect(stderr.replaceAll(file, "FILE")).toMatchInlineSnapshot(`
    "mooring-notes cannot start:
      Unknown option --acces. Did you mean --access?
      "extra" is not expected: this server takes no arguments besides options.
      Unknown key "colour" in FILE. Did you mean "color"?
      size in FILE names \${NOTES_SIZE_UNSET}, which is not set.
      "token" in FILE is a secret: set its variable, or the variable with _FILE or _COMMAND added.
      MOORING_NOTES_TIMEOUT: expected a length of time such as 500ms, 60s or 5m (given: "soon").
      size in FILE: expected a number (given: "\${NOTES_SIZE_UNSET}").
      --color: expected one of red, green (given: "blue").
    "
  `);
});

test.for([
  [["--config", "/nonexistent.json"], /does not exist: correct --config/],
  [["--toolsets", "dangr"], /Unknown toolset "dangr"/],
  [["--tools", "nothing"], /No tool fits "nothing"/],
  [["--http", "--listen", "0.0.0.0:0"], /a token is required/],
  [["--http", "--admin", "0.0.0.0:0"], /only a loopback address/],
  [["--listen", "127.0.0.1:8080"], /only count with --http/],
  [["--admin", "127.0.0.1:8081"], /only count with --http/],
  [["--size"], /--size: needs a value/],
  [["--size", "99"], /--size: /],
  [["--http=yes"], /--http: takes no value/],
] as const)("%j is one clear line and exit 2", ([args, message]) => {
  const { status, stdout, stderr } = run([...args]);
  expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
  expect(stderr).toMatch(message);
  expect(stderr).not.toMatch(/\n\s+at /);
  expect(stderr.trim().split("\n")).toHaveLength(1);
});

test("a broken configuration file is named without quoting what it holds", () => {
  const file = join(mkdtempSync(join(tmpdir(), "notes-")), "config.json");
  writeFileSync(file, '{"size": 3,\n "token": "hunter2hunter2" oops}');
  const { status, stderr } = run(["--config", file]);
  expect(status).toBe(2);
  expect(stderr).toContain("is not valid JSON near line 2");
  expect(stderr).not.toContain("hunter2");
});

test("flag beats variable beats file", () => {
  const file = join(mkdtempSync(join(tmpdir(), "notes-")), "config.json");
  writeFileSync(file, '{"size": 1, "color": "green", "logLevel": "error"}');
  const printed = (args: string[], env = {}) =>
    JSON.parse(run([...args, "--config", file, "--print-config"], env).stdout) as Record<string, unknown>;
  expect(printed([])).toMatchObject({ size: 1, color: "green", logLevel: "error", access: "read", timeout: "1m" });
  expect(printed([], { MOORING_NOTES_SIZE: "2" })).toMatchObject({ size: 2 });
  expect(printed(["--size", "4", "--tools", "read,count", "--tools=fail"], { MOORING_NOTES_SIZE: "2" })).toMatchObject({
    size: 4,
    tools: ["read", "count", "fail"],
  });
});

test("what --print-config prints is a file that --config takes, and means the same", () => {
  const file = join(mkdtempSync(join(tmpdir(), "notes-")), "config.json");
  const printed = run(["--timeout", "90s", "--drain", "250ms", "--access", "write", "--print-config"]).stdout;
  expect(JSON.parse(printed)).toMatchObject({ timeout: "90s", drain: "250ms" });
  writeFileSync(file, printed);
  const again = run(["--config", file, "--print-config"]);
  expect(JSON.parse(again.stdout)).toEqual({ ...(JSON.parse(printed) as object), config: file });
});

test("secrets are never printed, only where they come from", () => {
  const { stdout } = run(["--print-config"], { NOTES_TOKEN: "correct-horse-battery" });
  expect(stdout).not.toContain("correct-horse");
  expect(JSON.parse(stdout)).toMatchObject({ token: expect.stringContaining("NOTES_TOKEN") });
});

test("--help, --version, --list-tools and --check answer and end", () => {
  const help = run(["--help"]);
  expect(help.status).toBe(0);
  expect(help.stdout).toContain("--access read|write|full");
  expect(help.stdout).toContain("Exit status: 0 done, 1 failed, 2 usage or configuration, 3 --check found a problem.");
  expect(run(["--version"])).toEqual({ status: 0, stdout: "1.2.3\n", stderr: "" });
  const list = run(["--list-tools", "--access", "write"]);
  expect(list.stdout).toMatch(/^read +read +Read a note$/m);
  expect(list.stdout).toMatch(/Switched off by the operator: .*delete \(--access full\)/);
  const bad = run(["--check"]);
  expect(bad.status).toBe(3);
  expect(bad.stdout).toContain("FAIL token: not set\n     Set NOTES_TOKEN.");
  expect(run(["--check"], { NOTES_TOKEN: "abcdefgh" }).status).toBe(0);
});

test("--check says of a service's failure what a call would say of it, without the marks that are for models", () => {
  const { status, stdout } = run(["--check", "--size", "7"]);
  expect(status).toBe(3);
  expect(stdout).toMatch(/^FAIL check: The service refuses: not today\n {5}Ask for another token\.$/m);
});

test("a server's own information flag stands in the help, prints its answer alone, and no secret", () => {
  expect(run(["--help"]).stdout).toMatch(
    /^Information:\n(?:.+\n)* {2}--print-size +Print how many notes there are\.$/m,
  );
  expect(run(["--print-size", "--size", "4"], { NOTES_TOKEN: "correct-horse-battery" })).toEqual({
    status: 0,
    stdout: "4 notes ⟨masked:credential⟩\n",
    stderr: "",
  });
  expect(run(["--print-size", "--size", "10"])).toMatchObject({
    status: 1,
    stdout: "",
    stderr:
      "mooring-notes cannot answer --print-size: it failed unexpectedly (Error: too many). --log-level debug says where.\n",
  });
  expect(run(["--print-size", "--size", "11"])).toMatchObject({ status: 2, stdout: "" });
  expect(run(["--print-size=4"])).toMatchObject({ status: 2, stderr: /Unknown option --print-size/ });
});

test("a misspelt variable stops the start like a misspelt flag", () => {
  const { status, stderr } = run(["--list-tools"], { MOORING_NOTES_EXCLUD: "write", NOTES_TOKEN_FILE: "/x" });
  expect(status).toBe(2);
  expect(stderr).toBe(
    "mooring-notes cannot start: Unknown variable MOORING_NOTES_EXCLUD. Did you mean MOORING_NOTES_EXCLUDE?\n",
  );
});

test("the configuration may limit arguments, and asking for the tools leaves nothing behind", () => {
  const dir = mkdtempSync(join(tmpdir(), "notes-"));
  const audit = join(dir, "audit");
  const { stdout } = run([
    "--list-tools",
    "--note",
    "one",
    "--audit",
    audit,
    "--prefix",
    "n_",
    "--tools",
    "read,count",
  ]);
  expect(stdout).toMatch(/^n_read +read +Read a note$/m);
  expect(stdout).toMatch(/^n_count +read +Count notes$/m);
  expect(existsSync(audit)).toBe(false);
});

test("what the credential does not reach is hidden by what --check has remembered, for that credential only", () => {
  const state = mkdtempSync(join(tmpdir(), "notes-"));
  const list = (token: string) => run(["--list-tools", "--state-dir", state], { NOTES_TOKEN: token }).stdout;
  expect(list("first-token")).toMatch(/^count /m);
  const checked = run(["--check", "--state-dir", state], { NOTES_TOKEN: "first-token" });
  expect(checked).toMatchObject({ status: 0, stdout: /ok {3}hidden: count: the token lacks notes:count/ });
  expect(list("first-token")).not.toMatch(/^count /m);
  expect(list("first-token")).toContain(
    "Not offered, since the credential does not reach: count (the token lacks notes:count).",
  );
  expect(list("other-token")).toMatch(/^count /m);
  expect(readFileSync(join(state, "scopes.json"), "utf8")).not.toContain("first-token");
});

test("secrets of several accounts stand in the file: as a variable, by file or by command; none is printed", () => {
  const dir = mkdtempSync(join(tmpdir(), "notes-"));
  const file = join(dir, "config.json");
  writeFileSync(join(dir, "secret"), "four\n", { mode: 0o600 });
  writeFileSync(
    file,
    JSON.stringify({
      accounts: {
        a: { token: "${ACME_TOKEN}", password: "correct horse" },
        b: { tokenFile: join(dir, "secret") },
        c: { tokenCommand: [process.execPath, "-e", "console.log('seven77')"] },
      },
    }),
  );
  const env = { ACME_TOKEN: "eleven-char" };
  expect(run(["whoami", "--config", file], env)).toMatchObject({ status: 0, stdout: "a 11\nb 4\nc 7\n" });
  const { stdout } = run(["--print-config", "--config", file], env);
  expect(stdout).not.toMatch(/eleven-char|correct horse/);
  expect(JSON.parse(stdout)).toMatchObject({ accounts: { b: { tokenFile: join(dir, "secret") } } });
  writeFileSync(file, JSON.stringify({ accounts: { a: { tokenFile: "/nonexistent" } } }));
  expect(run(["whoami", "--config", file])).toMatchObject({
    status: 1,
    stderr: /^mooring-notes whoami failed: The file named by accounts\.a\.tokenFile cannot be read/,
  });
});

test("a port in use is one clear line and exit 2", async () => {
  const taken = createServer();
  await new Promise<void>((resolve) => taken.listen(0, "127.0.0.1", resolve));
  const { port } = taken.address() as { port: number };
  const { status, stderr } = run(["--http", "--listen", `127.0.0.1:${port}`]);
  taken.close();
  expect(status).toBe(2);
  expect(stderr).toContain("the port is in use");
});

test("a credential that the host did not expand is named at the start, and the server runs", () => {
  const { status, stderr } = run([], { NOTES_TOKEN: "${NOTES_TOKEN}" });
  expect(status).toBe(0);
  expect(stderr).toMatch(/NOTES_TOKEN is literally .*did not expand it/);
});

async function connected(args: string[] = []) {
  const transport = new StdioClientTransport({ command: process.execPath, args: [bin, ...args], stderr: "pipe" });
  const client = new Client({ name: "test", version: "0.0.0" });
  await client.connect(transport);
  return { client, pid: transport.pid as number };
}
const gone = async (pid: number, within: number) => {
  const started = Date.now();
  for (;;) {
    try {
      process.kill(pid, 0);
    } catch {
      return Date.now() - started;
    }
    if (Date.now() - started > within) throw new Error(`process ${pid} is still there after ${within} ms`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
};

test("stdout carries nothing but JSON-RPC", async () => {
  const child = spawn(process.execPath, [bin]);
  let out = "";
  child.stdout.on("data", (chunk: Buffer) => (out += chunk.toString()));
  child.stdin.write(
    'not json\n{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"t","version":"0"}}}\n',
  );
  await expect.poll(() => out, { timeout: 10_000 }).toContain('"id":1');
  child.stdin.end();
  await new Promise((resolve) => child.once("exit", resolve));
  for (const line of out.trim().split("\n")) expect(JSON.parse(line)).toMatchObject({ jsonrpc: "2.0" });
});

test("the process ends with its stdin, pools and timers alive or not", async () => {
  const { client, pid } = await connected();
  await client.close();
  expect(await gone(pid, 2_000)).toBeLessThan(2_000);
});

test("the process ends with its parent, even if somebody else holds the pipe", async () => {
  // sh keeps stdin open for the server and is then killed: only the vanished parent tells.
  const script = `exec 3<&0; "$0" "$1" <&3 & echo $!; wait`;
  const holder = spawn("sleep", ["30"], { stdio: ["pipe", "ignore", "ignore"] });
  const shell = spawn("sh", ["-c", script, process.execPath, bin], { stdio: ["pipe", "pipe", "ignore"] });
  const pid = Number(
    await new Promise((resolve) => shell.stdout.once("data", (chunk: Buffer) => resolve(chunk.toString().trim()))),
  );
  await new Promise((resolve) => setTimeout(resolve, 700));
  shell.kill("SIGKILL");
  expect(await gone(pid, 2_500)).toBeLessThan(2_500);
  holder.kill();
});

test("SIGTERM loses none of 50 calls in flight", async () => {
  const { client, pid } = await connected();
  const calls = Array.from({ length: 50 }, () => client.callTool({ name: "wait", arguments: { ms: 500 } }));
  process.kill(pid, "SIGTERM");
  const results = await Promise.all(calls);
  expect(results.filter((result) => !result.isError)).toHaveLength(50);
  expect(await gone(pid, 3_000)).toBeLessThan(3_000);
});

test("SIGTERM loses none of 20 calls over HTTP", async () => {
  const child = spawn(process.execPath, [bin, "--http"], { stdio: ["ignore", "ignore", "pipe"] });
  const url = await new Promise<string>((resolve) =>
    child.stderr.on("data", (chunk: Buffer) => {
      const found = /http:\/\/\S+/.exec(chunk.toString());
      if (found) resolve(found[0]);
    }),
  );
  const { StreamableHTTPClientTransport } = await import("@modelcontextprotocol/client");
  const clients = await Promise.all(
    Array.from({ length: 20 }, async (_, i) => {
      const client = new Client(
        { name: "test", version: "0.0.0" },
        i % 2 ? { versionNegotiation: { mode: "auto" } } : {},
      );
      await client.connect(new StreamableHTTPClientTransport(new URL(url)));
      return client;
    }),
  );
  // The cap per principal is 16 over HTTP: 16 run, 4 hear so at once; none is lost.
  const calls = clients.map((client) => client.callTool({ name: "wait", arguments: { ms: 600 } }));
  await new Promise((resolve) => setTimeout(resolve, 300));
  child.kill("SIGTERM");
  const results = await Promise.all(calls);
  expect(results).toHaveLength(20);
  expect(results.filter((result) => result.isError)).toHaveLength(4);
  expect(await gone(child.pid as number, 4_000)).toBeLessThan(4_000);
});

test("SIGINT in the middle of nothing ends with status 0", async () => {
  const child = spawn(process.execPath, [bin], { stdio: ["pipe", "pipe", "ignore"] });
  child.stdin.write(
    '{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"t","version":"0"}}}\n',
  );
  await new Promise((resolve) => child.stdout.once("data", resolve));
  child.kill("SIGINT");
  expect(await new Promise((resolve) => child.once("exit", resolve))).toBe(0);
});
