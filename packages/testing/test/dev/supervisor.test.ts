import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { CallToolResult } from "@modelcontextprotocol/client";
import { connectStdio } from "../../src/clients/stdio.ts";
import { describe, expect, test } from "vitest";
import { bin, greet, index, makeProject } from "./project.ts";
import { childrenOf, eventually, isAlive, rawSession, until } from "./raw-session.ts";

const textOf = ({ content: [first] }: CallToolResult) => (first?.type === "text" ? first.text : "");

const restarted = /restarted in \d+ ms: /u;

describe.for(["2025", "2026", "auto"] as const)("a client of the SDK, era %s", (era) => {
  test("gets the saved version's answers on the same connection", async () => {
    using project = makeProject();
    await using mcp = await connectStdio(process.execPath, [bin, "dev"], { era, cwd: project.dir });
    const said = async () => textOf(await mcp.call("greet"));
    expect(await said()).toBe("Hello");
    project.save("src/tools/greet.ts", greet("Good morning"));
    await until("Good morning", said);
    project.saveByRenaming("src/tools/greet.ts", greet("Good evening"));
    await until("Good evening", said);
    expect(mcp.stderr()).toMatch(/^dev: restarted in \d+ ms: src\/tools\/greet\.ts\n/u);
  });

  test("hears of a new tool in a new file, and finds it in the list", async () => {
    using project = makeProject();
    await using mcp = await connectStdio(process.execPath, [bin, "dev"], { era, cwd: project.dir });
    expect(mcp.client.getServerCapabilities()).toMatchObject({ tools: { listChanged: true } });
    const changed = new Promise<void>((resolve) => {
      mcp.client.setNotificationHandler("notifications/tools/list_changed", () => resolve());
    });
    const filter = { toolsListChanged: true };
    const modern = mcp.client.getProtocolEra() === "modern";
    const { honoredFilter } = modern ? await mcp.client.listen(filter) : { honoredFilter: filter };
    expect(honoredFilter).toEqual(filter);
    const names = async () => (await mcp.client.listTools()).tools.map(({ name }) => name);
    expect(await names()).not.toContain("wave");
    project.save("src/tools/wave.ts", greet("Hi", "wave"));
    project.save("src/tools/index.ts", index("greet", "wave"));
    await changed;
    expect(await names()).toEqual(["greet", "wave"]);
    expect((await mcp.call("wave")).content).toEqual([{ type: "text", text: "Hi" }]);
  });

  test("finds a new tool also without having asked for news", async () => {
    using project = makeProject();
    await using mcp = await connectStdio(process.execPath, [bin, "dev"], { era, cwd: project.dir });
    const names = async () => (await mcp.client.listTools()).tools.map(({ name }) => name).join();
    expect(await names()).toBe("greet,slow,crash");
    project.save("src/tools/index.ts", index("greet"));
    await until("greet", names);
    expect(await names()).toBe("greet");
  });

  test("follows a resource across versions", async () => {
    using project = makeProject();
    await using mcp = await connectStdio(process.execPath, [bin, "dev"], { era, cwd: project.dir });
    let updates = 0;
    mcp.client.setNotificationHandler("notifications/resources/updated", ({ params }) => {
      if (params.uri === "example://note") updates++;
    });
    if (mcp.client.getProtocolEra() === "modern")
      await mcp.client.listen({ resourceSubscriptions: ["example://note"] });
    else await mcp.client.subscribeResource({ uri: "example://note" });
    project.save("note.txt", "second\n");
    await eventually(() => updates > 0);
    const before = updates;
    project.save("src/tools/greet.ts", greet("Hello again"));
    // That the version changed is news as well.
    await eventually(() => restarted.test(mcp.stderr()) && updates > before);
    await until("Hello again", async () => textOf(await mcp.call("greet")));
    const then = updates;
    project.save("note.txt", "third\n");
    await eventually(() => updates > then);
    expect(mcp.stderr().match(new RegExp(restarted, "gu"))).toHaveLength(1);
  });

  test("keeps the old version while the new one does not start", async () => {
    using project = makeProject();
    await using mcp = await connectStdio(process.execPath, [bin, "dev"], { era, cwd: project.dir });
    await mcp.call("greet");
    project.save("src/tools/greet.ts", "export const greet = ;\n");
    await eventually(() => mcp.stderr().includes("SyntaxError"));
    expect((await mcp.call("greet")).content).toEqual([{ type: "text", text: "Hello" }]);
    project.save("src/tools/greet.ts", greet("Mended"));
    await until("Mended", async () => textOf(await mcp.call("greet")));
  });

  test("has a question answered to the version that asked, or asked again by the new one", async () => {
    using project = makeProject();
    const questions: string[] = [];
    let calls = 0;
    await using mcp = await connectStdio(process.execPath, [bin, "dev", "--", "--access", "full"], {
      era,
      cwd: project.dir,
      async answer(question) {
        questions.push(question);
        if (calls++ > 0) return true;
        const remove = "src/tools/remove.ts";
        project.save(
          remove,
          (await import("node:fs"))
            .readFileSync(`${project.dir}/${remove}`, "utf8")
            .replaceAll("version 1", "version 2"),
        );
        await eventually(() => restarted.test(mcp.stderr()));
        return true;
      },
    });
    const { content } = await mcp.call("remove");
    // 2025: one call, which the old version finishes. 2026: several, and the last is the new one's.
    const modern = mcp.client.getProtocolEra() === "modern";
    expect(content).toEqual([{ type: "text", text: `removed by version ${modern ? 2 : 1}` }]);
    expect(questions).toHaveLength(modern ? 2 : 1);
    expect(questions.at(-1)).toContain(`as version ${modern ? 2 : 1} does`);
  });
});

test("a call that is under way finishes on the version that began it, with its progress", async () => {
  using project = makeProject();
  await using mcp = await connectStdio(process.execPath, [bin, "dev"], { era: "2025", cwd: project.dir });
  const order: string[] = [];
  const slow = mcp.client
    .callTool({ name: "slow", arguments: { ms: 4_500 } }, { onprogress: () => order.push("progress") })
    .then(({ content }) => order.push(JSON.stringify(content)));
  await eventually(() => order.length > 0);
  project.save("src/tools/greet.ts", greet("Later"));
  await until("Later", async () => textOf(await mcp.call("greet")));
  order.push("new answer");
  await slow;
  expect(order).toEqual(["progress", "new answer", '[{"type":"text","text":"slept in version 1"}]']);
});

test("a call that takes too long on an old version is answered with an error, and the old version ends", async () => {
  using project = makeProject();
  await using session = rawSession(project.dir);
  await session.initialize();
  const slow = session.call("slow", { ms: 60_000 });
  project.save("src/tools/greet.ts", greet("Later"));
  await until("Later", () => session.call("greet"));
  expect(await slow).toBe(
    "error: The server was restarted, and its old version did not finish this within 5 s. Call it again.",
  );
  await eventually(() => childrenOf(session.process.pid).length === 1);
});

test("a cancelled call is cancelled where it runs", async () => {
  using project = makeProject();
  await using session = rawSession(project.dir);
  await session.initialize();
  session.send({ id: "mine", method: "tools/call", params: { name: "slow", arguments: { ms: 60_000 } } });
  project.save("src/tools/greet.ts", greet("Later"));
  await until("Later", () => session.call("greet"));
  session.send({ method: "notifications/cancelled", params: { requestId: "mine" } });
  // Well within the 5 s that its call would have had.
  const since = performance.now();
  await eventually(() => childrenOf(session.process.pid).length === 1);
  expect(performance.now() - since).toBeLessThan(4_000);
  expect(session.received.filter(({ id }) => id === "mine")).toEqual([]);
});

test("the handshake is passed on once, whatever is started behind it", async () => {
  using project = makeProject();
  await using session = rawSession(project.dir);
  const { result } = await session.initialize();
  expect(result).toMatchObject({
    protocolVersion: "2025-11-25",
    serverInfo: { name: "mooring-example" },
    capabilities: { tools: { listChanged: true }, resources: { listChanged: true, subscribe: true } },
  });
  project.save("src/tools/greet.ts", greet("Once"));
  await until("Once", () => session.call("greet"));
  project.save("src/tools/greet.ts", greet("Twice"));
  await until("Twice", () => session.call("greet"));
  expect(session.received.filter((message) => message.result?.["protocolVersion"] !== undefined)).toHaveLength(1);
  const news = session.received.filter(({ id }) => id === undefined).map(({ method }) => method);
  const both = ["notifications/tools/list_changed", "notifications/resources/list_changed"];
  expect(news).toEqual([...both, ...both]);
  expect(session.garbage).toEqual([]);
});

test("discover and then initialize on one connection is the handshake of 2025", async () => {
  using project = makeProject();
  await using session = rawSession(project.dir);
  const meta = {
    "io.modelcontextprotocol/protocolVersion": "2026-07-28",
    "io.modelcontextprotocol/clientCapabilities": {},
  };
  const { result } = await session.request("server/discover", { _meta: meta });
  expect(result).toMatchObject({ ttlMs: 0, capabilities: { tools: { listChanged: true } } });
  await session.initialize();
  project.save("src/tools/greet.ts", greet("Both"));
  await until("Both", () => session.call("greet"));
  await session.message(({ method }) => method === "notifications/tools/list_changed");
  expect(session.stderr()).toMatch(restarted);
});

test("a server that has never started is waited for, and its client with it", async () => {
  using project = makeProject({ "src/tools/greet.ts": "export const greet = ;\n" });
  await using session = rawSession(project.dir);
  const answer = session.initialize();
  await eventually(() => session.stderr().includes("SyntaxError"));
  expect(session.stderr()).toMatch(/^dev: the server does not start\. The next save tries again\.\n/u);
  expect(session.stderr()).toContain("src/tools/greet.ts:1");
  expect(session.stderr()).not.toContain("    at ");
  project.save("src/tools/greet.ts", greet("At last"));
  expect((await answer).result).toMatchObject({ serverInfo: { name: "mooring-example" } });
  expect(await session.call("greet")).toBe("At last");
});

test("a client that waits too long for a server that does not start is told why", async () => {
  using project = makeProject();
  await using session = rawSession(project.dir, ["--", "--access", "everything"]);
  const { error } = await session.initialize();
  expect(error).toMatchObject({ code: -32_603 });
  expect(error?.message).toMatch(
    /^The server does not start: .*access.*\. Mend it and save; it is tried again then\.$/u,
  );
});

test("a crash costs the calls under way, and nothing else", async () => {
  using project = makeProject();
  await using session = rawSession(project.dir);
  await session.initialize();
  expect(await session.call("crash")).toBe(
    "error: The server ended (exit status 7) while it worked on this. See its stderr.",
  );
  expect(await session.call("greet")).toBe("Hello");
  expect(session.stderr()).toBe("dev: the server ended (exit status 7); it is started again.\n");
});

test("a server that keeps crashing waits for a save", async () => {
  using project = makeProject();
  await using session = rawSession(project.dir);
  await session.initialize();
  for (let i = 0; i < 3; i++) await session.call("crash");
  await eventually(() => session.stderr().includes("3 times by now"));
  const answer = session.call("greet");
  project.save("src/tools/greet.ts", greet("Calm"));
  expect(await answer).toBe("Calm");
});

test("what a server prints on stdout is kept off the connection", async () => {
  using project = makeProject();
  await using session = rawSession(project.dir);
  project.save("src/bin.ts", 'process.stdout.write("booting\\n");\nawait import("./main.ts");\n');
  await session.initialize();
  await eventually(() => session.stderr().includes("booting"));
  expect(session.garbage).toEqual([]);
});

test("a client that does not read stops the flow, and then misses nothing", async () => {
  const count = 400;
  using project = makeProject({
    "src/bin.ts": `import { once } from "node:events";
let held = "";
for await (const chunk of process.stdin.setEncoding("utf8")) {
  const lines = (held + chunk).split("\\n");
  held = lines.pop();
  for (const line of lines) {
    const { id } = JSON.parse(line);
    const answer = JSON.stringify({ jsonrpc: "2.0", id, result: { text: "x".repeat(20_000) } });
    if (!process.stdout.write(answer + "\\n")) await once(process.stdout, "drain");
  }
}
`,
  });
  await using session = rawSession(project.dir);
  await session.request("ping");
  const { stdin, stdout } = session.process;
  stdout.pause();
  const text = "y".repeat(20_000);
  for (let id = 0; id < count; id++) session.send({ id, method: "echo", params: { text } });
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  // 8 MB were sent; what pipes and streams hold is far from that.
  const unread = stdin.writableLength;
  stdout.resume();
  await session.message(({ id }) => id === count - 1);
  expect(unread).toBeGreaterThan(4_000_000);
  expect(session.received.slice(-count).map(({ id }) => id)).toEqual(Array.from({ length: count }, (_, id) => id));
});

test("what a client cannot learn on its connection is said", async () => {
  using project = makeProject();
  await using session = rawSession(project.dir);
  await session.initialize();
  const server = readFileSync(join(project.dir, "src/server.ts"), "utf8");
  project.save("src/server.ts", server.replace("resources: [note],", 'instructions: "Be kind.",'));
  await eventually(() => session.stderr().includes("connects again"));
  expect(session.stderr()).toContain("dev: resources are gone, the instructions are others: ");
});

describe("ends", () => {
  test.for(["stdin", "SIGTERM", "SIGINT"] as const)("with %s, and leaves no process", async (way) => {
    using project = makeProject();
    const session = rawSession(project.dir);
    await session.initialize();
    void session.call("slow", { ms: 60_000 });
    project.save("src/tools/greet.ts", greet("Later"));
    await until("Later", () => session.call("greet"));
    const children = childrenOf(session.process.pid);
    expect(children).toHaveLength(2);
    if (way === "stdin") session.process.stdin.end();
    else session.process.kill(way);
    expect(await session.exited).toBe(0);
    for (const pid of children) expect(isAlive(pid)).toBe(false);
  });

  test("a server that ignores stdin and SIGTERM", async () => {
    using project = makeProject({
      "src/bin.ts": `process.on("SIGTERM", () => {});
setInterval(() => {}, 1_000);
console.error("ready");
process.stdin.on("data", () => process.stdout.write('{"jsonrpc":"2.0","id":"mooring-dev:0","result":{}}\\n'));
`,
    });
    const session = rawSession(project.dir);
    await eventually(() => session.stderr().includes("ready"));
    const children = childrenOf(session.process.pid);
    expect(children).toHaveLength(1);
    session.process.stdin.end();
    expect(await session.exited).toBe(0);
    for (const pid of children) expect(isAlive(pid)).toBe(false);
  });

  test("its servers also when it is killed", async () => {
    using project = makeProject();
    const session = rawSession(project.dir);
    await session.initialize();
    const [pid = 0] = childrenOf(session.process.pid);
    session.process.kill("SIGKILL");
    await session.exited;
    await eventually(() => !isAlive(pid));
    expect(isAlive(pid)).toBe(false);
  });
});
