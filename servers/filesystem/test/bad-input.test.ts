/**
 * What goes wrong from outside: every case ends in one clear line that names the next step, with the documented exit
 * status, nothing half-written, and no stack.
 */
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  asNobody,
  bin,
  mounted,
  oldNode,
  type Place,
  place,
  raw,
  run,
  type RunOptions,
  serve,
  until,
} from "./bad-input/program.ts";

let at: Place;
beforeEach(() => (at = place()));
afterEach(() => at[Symbol.dispose]());

const one = (path: string, old: string, text: string) => ({ files: [{ path, edits: [{ old, new: text }] }] });
const undoId = (text: string) => /undo id (\w+)/.exec(text)?.[1] ?? "";
const names = (folder: string) => readdirSync(folder).toSorted();
const leftovers = (folder: string) => names(folder).filter((name) => name.endsWith(".tmp"));

/** The lines of the journal's index; throws for one that is no JSON. */
function journalLines(state: string): unknown[] {
  const folder = join(state, "journal");
  return names(folder)
    .filter((name) => name.startsWith("index-"))
    .flatMap((name) => readFileSync(join(folder, name), "utf8").split("\n"))
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as unknown);
}

describe("the command line, variables and the configuration file", () => {
  /** The lines it says before it ends with exit 2, nothing on stdout and nothing made. */
  async function refusal(args: readonly string[], more: Partial<RunOptions> = {}): Promise<string[]> {
    const { status, stdout, stderr } = await run(args, { env: at.env, ...more });
    expect([status, stdout, existsSync(at.state)]).toEqual([2, "", false]);
    const [, said = ""] = /^mooring-filesystem cannot start:([^]*)\n$/.exec(stderr) ?? [];
    return said.startsWith("\n")
      ? said
          .slice(1)
          .split("\n")
          .map((line) => line.slice(2))
      : [said.slice(1)];
  }

  test.for([
    [["--nonsense"], "Unknown option --nonsense. `--help` lists the options."],
    [["--acces", "write"], "Unknown option --acces. Did you mean --access?"],
    [["-h"], "Unknown option -h. `--help` lists the options."],
    [["--access", "wrote"], '--access: expected one of read, write, full (given: "wrote").'],
    [["--timeout", "5x"], '--timeout: expected a length of time such as 500ms, 60s or 5m (given: "5x").'],
    [["--journal-mb", "0"], "--journal-mb: expected a whole number of at least 1."],
    [["--journal-days", "soon"], '--journal-days: expected a whole number of at least 1 (given: "soon").'],
    [["--encoding", "zz"], '--encoding: expected an encoding such as windows-1252, gbk or shift_jis (given: "zz").'],
    [["--tools", "raed"], 'No tool fits "raed". Did you mean "read"?'],
    [
      ["--listen", "here", "--http"],
      '--listen: "here" is not an address; expected host:port, for example 127.0.0.1:8080.',
    ],
  ] as const)("%j", async ([args, line]) => {
    expect(await refusal([...args, at.shared])).toEqual([line]);
  });

  test("a flag without its value", async () => {
    expect(await refusal([at.shared, "--access"])).toEqual(["--access: needs a value."]);
  });

  test("all problems at once, one a line", async () => {
    expect(await refusal(["--access", "x", "--journal", "y", "--zap"])).toEqual([
      "Unknown option --zap. `--help` lists the options.",
      '--access: expected one of read, write, full (given: "x").',
      '--journal: expected one of on, off (given: "y").',
    ]);
  });

  test("a variable", async () => {
    expect(await refusal([at.shared], { env: { ...at.env, MOORING_FILESYSTEM_ACCESS: "all" } })).toEqual([
      'MOORING_FILESYSTEM_ACCESS: expected one of read, write, full (given: "all").',
    ]);
  });

  test.for([
    ["{broken", ["The configuration file FILE is not valid JSON near line 1: mend it, a JSON checker shows where."]],
    ["[1]", ["The configuration file FILE must hold one JSON object."]],
    [
      '{"acces": "write", "zap": 1, "logLevel": "loud"}',
      [
        'Unknown key "acces" in FILE. Did you mean "access"?',
        'Unknown key "zap" in FILE.',
        'logLevel in FILE: expected one of silent, error, warn, info, debug (given: "loud").',
      ],
    ],
    ['{"directories": ["${NOT_SET}"]}', ["directories in FILE names ${NOT_SET}, which is not set."]],
  ] as const)("the configuration file %s", async ([text, lines]) => {
    const file = join(at.base, "config.json");
    writeFileSync(file, text);
    expect(await refusal(["--config", file])).toEqual(lines.map((line) => line.replaceAll("FILE", file)));
  });

  test("a configuration file that is not there", async () => {
    const file = join(at.base, "nope.json");
    expect(await refusal(["--config", file])).toEqual([
      `The configuration file ${file} does not exist: correct --config.`,
    ]);
  });

  test("a state folder inside a shared directory", async () => {
    const state = join(at.shared, "state");
    expect(await refusal(["--state-dir", state, at.shared])).toEqual([
      `The state folder ${state} lies in the shared directory ${at.shared}. Name a place outside it with --state-dir.`,
    ]);
    expect(names(at.shared)).toEqual([]);
  });
});

describe("directories", () => {
  const ADD =
    "Ask the person to put the directories to share at the end of the server's command line and to restart it.";

  test("none: it starts and lists its tools, and each call says what to add", async () => {
    await using server = await serve([], at);
    expect((await server.client.listTools()).tools.map(({ name }) => name)).toEqual(["read", "list", "search"]);
    for (const [name, args] of [
      ["list", {}],
      ["read", { paths: ["x"] }],
      ["search", { glob: "*" }],
    ] as const)
      expect(await server.fails(name, args)).toBe(`unavailable: The server shares no usable directory. ${ADD}`);
    expect(server.logged()).toEqual([
      "No usable directory was named: put the directories to share at the end of the command line.",
    ]);
  });

  test("missing, a file, empty, unexpanded, twice: the usable ones are served, the others named with the reason", async () => {
    writeFileSync(join(at.shared, "a.txt"), "hello\n");
    const file = join(at.shared, "a.txt");
    const missing = join(at.base, "missing");
    await using server = await serve([missing, at.shared, file, "", "~/x", `${at.shared}/.`, "${HOME}"], at);
    const reasons = [
      `${missing}: it does not exist.`,
      `${file}: it is not a directory.`,
      '"": it is empty; the host did not fill in its variable.',
      "~/x: `~` is not expanded here; write the whole path.",
      "${HOME}: the host did not fill in its variable.",
    ];
    expect(server.logged()).toEqual(reasons.map((reason) => reason.replace(/^(\S+):/, "$1 is not shared:")));
    const [, ...lines] = (await server.ok("list")).split("\n");
    expect(lines.slice(0, 6)).toEqual([at.shared, ...reasons.map((reason) => `Not usable: ${reason}`)]);
    expect(await server.ok("read", { paths: ["a.txt"] })).toContain("\nhello\n");
    const { resources } = await server.client.listResources();
    expect(resources.filter(({ uri }) => uri.startsWith("file:"))).toHaveLength(1);
  });

  test("unreadable", async ({ skip }) => {
    skip(process.platform === "win32", "no modes on Windows");
    const shut = join(at.base, "shut");
    mkdirSync(shut, { mode: 0o000 });
    chmodSync(at.base, 0o755);
    await using server = await serve([shut, at.shared], { env: at.env, command: asNobody(at) });
    const reason = `${shut}: it may not be read by the server's user.`;
    expect(server.logged()).toEqual([reason.replace(":", " is not shared:")]);
    expect(await server.ok("list")).toContain(`\n${at.shared}\nNot usable: ${reason}\n`);
    // Whoever is not root may not remove what it may not read.
    chmodSync(shut, 0o700);
  });

  test("a file in it that is read-only is not changed", async ({ skip }) => {
    skip(process.platform === "win32", "no modes on Windows");
    // Anybody may make and rename files here, so that only the file's own mode stands in the way.
    chmodSync(at.shared, 0o777);
    writeFileSync(join(at.shared, "a.txt"), "hello\n", { mode: 0o444 });
    const args = ["--access", "full", "--confirm", "host", "--journal", "off", at.shared];
    await using server = await serve(args, { env: at.env, command: asNobody(at) });
    for (const [tool, input] of [
      ["edit", one("a.txt", "hello", "bye")],
      ["write", { path: "a.txt", content: "bye", mode: "overwrite" }],
      ["write", { path: "a.txt", content: "bye", mode: "append" }],
    ] as const)
      expect(await server.fails(tool, input)).toMatch(/^denied: /);
    expect(readFileSync(join(at.shared, "a.txt"), "utf8")).toBe("hello\n");
    expect(names(at.shared)).toEqual(["a.txt"]);
  });

  test("two inside each other: the inner one answers for its paths, and nothing is found twice", async () => {
    const inner = join(at.shared, "inner");
    mkdirSync(inner);
    writeFileSync(join(inner, "a.txt"), "needle\n");
    await using server = await serve(["--access", "full", "--confirm", "host", at.shared, inner], at);
    expect((await server.ok("list")).split("\n").slice(1, 3)).toEqual([at.shared, inner]);
    const found = await server.ok("search", { pattern: "needle" });
    expect(found.match(/needle/g)).toHaveLength(1);
    expect(await server.fails("delete", { paths: ["inner"], recursive: true })).toBe(
      `denied: ${inner} is an allowed directory itself and cannot be changed. Name what is in it.`,
    );
    expect(await server.fails("move", { from: "inner", to: "other" })).toBe(
      `denied: ${inner} is an allowed directory itself and cannot be changed. Name what is in it.`,
    );
    const id = undoId(await server.ok("edit", one("inner/a.txt", "needle", "pin")));
    await server.ok("undo", { id });
    expect(readFileSync(join(inner, "a.txt"), "utf8")).toBe("needle\n");
  });

  test("one that disappears while it runs: every call says so; the same one back works, another in its place does not", async () => {
    writeFileSync(join(at.shared, "a.txt"), "needle\n");
    await using server = await serve(["--access", "full", "--confirm", "host", at.shared], at);
    const calls: readonly (readonly [string, Record<string, unknown>])[] = [
      ["read", { paths: ["a.txt"] }],
      ["list", { path: "." }],
      ["search", { glob: "*" }],
      ["search", { pattern: "needle" }],
      ["edit", one("a.txt", "needle", "pin")],
      ["write", { path: "b.txt", content: "x" }],
      ["write", { path: "d/" }],
      ["move", { from: "a.txt", to: "c.txt" }],
      ["delete", { paths: ["a.txt"] }],
    ];
    const allSay = async () => {
      for (const [name, args] of calls)
        expect([name, await server.fails(name, args)]).toEqual([
          name,
          expect.stringMatching(
            `^unavailable: The allowed directory ${at.shared} was moved, replaced or removed since the start\\. ` +
              "Put the same directory back, or ask the person to restart the server\\.",
          ),
        ]);
      expect(await server.ok("list")).toContain(`\n${at.shared} (unavailable: moved, replaced or removed`);
    };
    renameSync(at.shared, `${at.shared}-away`);
    await allSay();
    // Whoever can make a directory there must not decide what the server shares.
    mkdirSync(at.shared);
    writeFileSync(join(at.shared, "a.txt"), "needle\n");
    await allSay();
    expect(names(at.shared)).toEqual(["a.txt"]);
    rmSync(at.shared, { recursive: true });
    renameSync(`${at.shared}-away`, at.shared);
    expect(await server.ok("read", { paths: ["a.txt"] })).toContain("\nneedle\n");
    await server.ok("edit", one("a.txt", "needle", "pin"));
    expect(names(at.shared)).toEqual(["a.txt"]);
  });
});

describe("the state folder", () => {
  test("two processes: both change at once, none loses a change, each sees and undoes the other's", async () => {
    const count = 20;
    const lines = Array.from({ length: 2 * count }, (_, line) => `line ${line} old\n`);
    for (const name of ["a", "b", "both"]) writeFileSync(join(at.shared, name), lines.join(""));
    const args = ["--access", "write", at.shared];
    await using first = await serve(args, at);
    await using second = await serve(args, at);
    const edits = async (server: typeof first, own: string, from: number) => {
      const ids: string[] = [];
      for (let line = from; line < from + count; line++) {
        const change = (path: string) => one(path, `line ${line} old`, `line ${line} new`);
        ids.push(undoId(await server.ok("edit", change(own))));
        // Somebody else was quicker: said as a conflict, never overwritten.
        for (;;) {
          const { isError, kind, text } = await server.call("edit", change("both"));
          if (!isError) break;
          expect([kind, text]).toEqual(["conflict", expect.stringContaining("changed")]);
        }
      }
      return ids;
    };
    const [ofFirst, ofSecond] = await Promise.all([edits(first, "a", 0), edits(second, "b", count)]);
    expect(readFileSync(join(at.shared, "both"), "utf8")).toBe(lines.join("").replaceAll("old", "new"));
    expect(leftovers(at.shared)).toEqual([]);
    expect(journalLines(at.state).length).toBeGreaterThanOrEqual(4 * count);
    const [listed, other] = await Promise.all([first.ok("undo"), second.ok("undo")]);
    expect(listed).toBe(other);
    for (const id of ofFirst.toReversed()) await second.ok("undo", { id });
    for (const id of ofSecond.toReversed()) await first.ok("undo", { id });
    for (const name of ["a", "b"]) expect(readFileSync(join(at.shared, name), "utf8")).toBe(lines.join(""));
    expect(await second.fails("undo", { id: ofFirst[0] })).toMatch(/^conflict: .* was undone already/);
  });

  test.for([
    ["a file in its place", (folder: string) => writeFileSync(folder, ""), "ENOTDIR"],
    ["below /proc, where nothing can be made", undefined, "ENOENT"],
  ] as const)(
    "not writable (%s): what would be lost is refused, the rest works and says that it is not kept",
    async ([, make, code], { skip }) => {
      skip(make === undefined && !existsSync("/proc/self"), "needs /proc");
      const state = make ? join(at.base, "state") : "/proc/nope";
      make?.(state);
      writeFileSync(join(at.shared, "a.txt"), "old\n");
      await using server = await serve(["--access", "full", "--confirm", "host", "--state-dir", state, at.shared], at);
      const why = `the journal's state folder cannot be used (${code}).`;
      const not = `Not recorded, so \`undo\` cannot take it back: ${why}`;
      const { shared } = at;
      expect(await server.ok("read", { paths: ["a.txt"] })).toContain("old");
      expect(await server.ok("edit", one("a.txt", "old", "new"))).toContain(`Edited 1 file. ${not}\n`);
      expect(await server.ok("write", { path: "b.txt", content: "x" })).toContain(not);
      expect(await server.ok("move", { from: "b.txt", to: "c.txt" })).toContain(not);
      expect(await server.ok("write", { path: "d/" })).toBe(`Created the directory ${shared}/d. ${not}`);
      for (const [name, args] of [
        ["delete", { paths: ["c.txt"] }],
        ["write", { path: "a.txt", content: "x", mode: "overwrite" }],
        ["move", { from: "c.txt", to: "a.txt", overwrite: true }],
      ] as const)
        expect([name, await server.fails(name, args)]).toEqual([
          name,
          `unavailable: Refused, since it could not be undone: ${why} The person can name a folder that can be written with --state-dir, or give up undo with --journal off.`,
        ]);
      expect((await server.call("undo")).text).toMatch(/^(?:What was changed cannot be listed|No change is kept)/);
      expect(await server.fails("undo", { id: "x" })).toContain(`unavailable: Nothing was undone: ${why}`);
      expect(names(shared)).toEqual(["a.txt", "c.txt", "d"]);
      expect(readFileSync(join(shared, "a.txt"), "utf8")).toBe("new\n");
    },
  );

  test("not writable: said at the start and by --check, and --journal off accepts it", async () => {
    const state = join(at.base, "state");
    writeFileSync(state, "");
    const args = ["--access", "full", "--state-dir", state];
    const problem = `the state folder ${state} cannot be written (ENOTDIR)`;
    const started = await run([...args, at.shared], at);
    expect([started.status, (JSON.parse(started.stderr) as { msg: string }).msg]).toEqual([
      0,
      `Changes cannot be undone, and overwriting and deleting are refused: ${problem}. Name another folder with --state-dir.`,
    ]);
    const checked = await run([...args, "--check", at.shared], at);
    expect([checked.status, checked.stdout]).toEqual([
      3,
      expect.stringContaining(
        `FAIL undo: ${problem}\n     Name another folder with --state-dir, or pass --journal off.\n`,
      ),
    ]);
    const off = await run([...args, "--journal", "off", "--check", at.shared], at);
    expect([off.status, off.stdout]).toEqual([0, expect.stringContaining("ok   undo: off (--journal off)\n")]);
  });
});

describe("the disk", () => {
  const MOUNT = "no right to mount a small file system";

  test("read-only: reading works, every change says so and changes nothing", async ({ skip }) => {
    const disk = join(at.base, "disk");
    using mount = mounted(disk, "size=1m");
    if (!mount) return skip(MOUNT);
    writeFileSync(join(disk, "a.txt"), "old\n");
    mkdirSync(join(disk, "d"));
    mount.remount("ro");
    await using server = await serve(["--access", "full", "--confirm", "host", disk], at);
    expect(await server.ok("read", { paths: ["a.txt"] })).toContain("old");
    for (const [name, args] of [
      ["edit", one("a.txt", "old", "new")],
      ["write", { path: "b.txt", content: "x" }],
      ["write", { path: "a.txt", content: "x", mode: "append" }],
      ["write", { path: "a.txt", content: "x", mode: "overwrite" }],
      ["write", { path: "e/" }],
      ["move", { from: "a.txt", to: "d/a.txt" }],
      ["delete", { paths: ["a.txt"] }],
    ] as const)
      expect([name, await server.fails(name, args)]).toEqual([
        name,
        expect.stringMatching(
          /^unavailable: \S+ is on a read-only file system\. Nothing was changed; use a directory that can be written\./,
        ),
      ]);
    expect(await server.ok("undo")).toBe("No change is kept that could be undone.");
    expect(names(disk)).toEqual(["a.txt", "d"]);
  });

  test("full: what does not fit is refused as a whole, and what fits still works", async ({ skip }) => {
    const disk = join(at.base, "disk");
    using mount = mounted(disk, "size=1m");
    if (!mount) return skip(MOUNT);
    const half = `old ${"x".repeat(600_000)}\n`;
    for (const name of ["a.txt", "small.txt"]) writeFileSync(join(disk, name), name === "a.txt" ? half : "old\n");
    await using server = await serve(["--access", "full", "--confirm", "host", disk], at);
    const full =
      /^unavailable: There is no space left for \S+\. Nothing was changed; ask the person to free disk space\./;
    expect(await server.fails("write", { path: "b.txt", content: half })).toMatch(full);
    expect(await server.fails("write", { path: "new/b.txt", content: half })).toMatch(full);
    expect(await server.fails("write", { path: "small.txt", content: half, mode: "append" })).toMatch(full);
    expect(await server.fails("edit", one("a.txt", "old", "new"))).toMatch(full);
    expect(await server.fails("move", { from: "a.txt", to: "b.txt", copy: true })).toMatch(full);
    const both = { files: ["small.txt", "a.txt"].map((path) => ({ path, edits: [{ old: "old", new: "new" }] })) };
    expect(await server.fails("edit", both)).toMatch(
      /^unavailable: There is no space left for \S+\/a\.txt\. What was changed before that was taken back\. Ask the person to free disk space\.$/,
    );
    expect(names(disk)).toEqual(["a.txt", "small.txt"]);
    expect(readFileSync(join(disk, "a.txt"), "utf8") === half).toBe(true);
    expect(readFileSync(join(disk, "small.txt"), "utf8")).toBe("old\n");
    const id = undoId(await server.ok("edit", one("small.txt", "old", "new")));
    await server.ok("undo", { id });
    await server.ok("delete", { paths: ["a.txt"] });
    expect(names(disk)).toEqual(["small.txt"]);
  });

  test("full, of the state folder: what would be lost is refused, edits go on and say that they are not kept", async ({
    skip,
  }) => {
    const state = join(at.base, "state");
    using mount = mounted(state, "size=1m");
    if (!mount) return skip(MOUNT);
    writeFileSync(join(at.shared, "big.txt"), `old ${"x".repeat(2_000_000)}\n`);
    writeFileSync(join(at.shared, "small.txt"), "old\n");
    await using server = await serve(["--access", "full", "--confirm", "host", "--state-dir", state, at.shared], at);
    const why = "the journal's state folder is full.";
    expect(await server.ok("edit", one("big.txt", "old", "new"))).toContain(`cannot take it back: ${why}`);
    expect(await server.fails("delete", { paths: ["big.txt"] })).toContain(
      `Refused, since it could not be undone: ${why}`,
    );
    const id = undoId(await server.ok("edit", one("small.txt", "old", "new")));
    expect(await server.ok("undo", { id })).toContain(`Undid ${id}`);
    expect(names(at.shared)).toEqual(["big.txt", "small.txt"]);
    expect(leftovers(join(state, "journal", "blobs"))).toEqual([]);
    journalLines(state);
  });
});

describe("the process", () => {
  test("a port that is in use", async () => {
    const taken = createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => taken.once("listening", resolve));
    const { port } = taken.address() as { port: number };
    for (const option of ["--listen", "--admin"]) {
      const { status, stdout, stderr } = await run(["--http", option, `127.0.0.1:${port}`, at.shared], at);
      expect({ status, stdout, stderr }).toEqual({
        status: 2,
        stdout: "",
        stderr: `mooring-filesystem cannot start: ${option} 127.0.0.1:${port}: the port is in use. Choose another, or port 0 for a free one.\n`,
      });
    }
    taken.close();
  });

  test("a Node that is too old", async ({ skip }) => {
    const node = oldNode();
    if (node === undefined) return skip("no Node below 22.12 on this machine");
    const { status, stdout, stderr } = await run([at.shared], { env: at.env, node });
    expect([status, stdout]).toEqual([2, ""]);
    expect(stderr).toMatch(/^mooring-filesystem needs Node\.js 22\.12 or newer; this is \d+\.\d+\.\d+\.\n$/);
  });

  test("garbage on stdin: a line each on stderr, answers to what makes sense, and an end in order", async () => {
    const ping = '{"jsonrpc":"2.0","id":7,"method":"ping"}\n';
    const input = Buffer.concat([
      Buffer.from(
        'garbage\n{"jsonrpc":"2.0"\n\n[]\n{}\nnull\n"x"\n{"id":1}\n{"jsonrpc":"1.0","id":1,"method":"ping"}\n',
      ),
      Buffer.from([0xff, 0xfe, 0, 10]),
      Buffer.from(ping),
    ]);
    const { status, stdout, stderr } = await run([at.shared], { env: at.env, input });
    expect([status, stdout]).toEqual([0, '{"result":{},"jsonrpc":"2.0","id":7}\n']);
    const lines = stderr
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as { level: string; error: { message: string } });
    expect(lines.length).toBeGreaterThanOrEqual(5);
    for (const { level, error } of lines)
      expect([level, error.message]).toEqual([
        "warn",
        expect.stringMatching(/^a line on stdin is not (?:JSON|a JSON-RPC message)$/),
      ]);
  });

  test("SIGTERM during an edit of many files: all of them or none, no leftovers, exit 0", async () => {
    const paths = manyFiles(at.shared);
    const program = raw(["--access", "write", at.shared], at.env);
    program.send("edit", all(paths, "A", "B"));
    await until(() => existsSync(join(at.state, "journal")));
    program.child.kill("SIGTERM");
    const { status, stdout, stderr } = await program.ended;
    expect([status, stderr]).toEqual([0, ""]);
    // It had begun, so it was answered.
    expect(stdout).toContain(`Edited ${paths.length} files. undo id `);
    expect([...states(at.shared, paths)]).toEqual(["B"]);
    expect(names(at.shared)).toEqual(paths);
  });

  test("kill -9 during writes: no file is torn, the next change cleans up, and undo puts all of it right", async () => {
    const paths = manyFiles(at.shared);
    const first = join(at.shared, paths[0] as string);
    const args = ["--access", "write", at.shared];
    let interrupted = 0;
    for (let round = 0; round < 4; round++) {
      const before = recorded(at.state);
      const program = raw(args, at.env);
      program.send("edit", all(paths, "A", "B"));
      // When it has recorded what it will do, and when the first file is done.
      await until(() => (round % 2 === 0 ? recorded(at.state) > before : letter(first) === "B"));
      program.child.kill("SIGKILL");
      await program.ended;
      interrupted += leftovers(at.shared).length + states(at.shared, paths).size - 1;
      await using next = await serve(args, at);
      await next.ok("write", { path: `round${round}.txt`, content: "x" });
      expect(leftovers(at.shared)).toEqual([]);
      const entry = (await next.ok("undo")).split("\n").find((line) => line.includes("  edit  ")) ?? "";
      expect(entry).not.toContain("undone by");
      const undone = await next.ok("undo", { id: entry.split("  ")[0] });
      expect(undone).toMatch(/^(?:Undid|Nothing to undo)/);
      expect([...states(at.shared, paths)]).toEqual(["A"]);
    }
    journalLines(at.state);
    expect(interrupted).toBeGreaterThan(0);
  });
});

describe("exit statuses", () => {
  test("0: the host went away, or the question was answered", async () => {
    for (const args of [[], ["--version"], ["--help"], ["--list-tools"], ["--print-config"], ["--check"]])
      expect([args, (await run([...args, at.shared], at)).status]).toEqual([args, 0]);
  });

  test("1: it failed while it ran, with the reason on stderr", async () => {
    const { status, stdout, stderr } = await run([at.shared], { env: at.env, input: Buffer.alloc(11_000_000, "a") });
    expect({ status, stdout, stderr }).toEqual({
      status: 1,
      stdout: "",
      stderr: "mooring-filesystem ends: the client sent a message of more than 10,000,000 bytes.\n",
    });
  });

  test("3: --check found a problem", async () => {
    for (const args of [[], [join(at.base, "missing")], [at.shared, join(at.base, "missing")]]) {
      const { status, stdout } = await run(["--check", ...args], at);
      expect([status, stdout]).toEqual([3, expect.stringMatching(/\nFAIL directory: .+\n {5}\S.+\n/)]);
    }
  });

  test("the built program is there", () => {
    expect(existsSync(bin), "run `pnpm build` first").toBe(true);
  });
});

/** How much the journal has recorded, in bytes. */
function recorded(state: string): number {
  const folder = join(state, "journal");
  const index = existsSync(folder) ? names(folder).filter((name) => name.startsWith("index-")) : [];
  return index.reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);
}

function letter(file: string): string {
  return readFileSync(file, "latin1").slice(0, 1);
}

/** Files large enough that writing them all takes a while. */
function manyFiles(folder: string): string[] {
  const paths = Array.from({ length: 8 }, (_, index) => `file${index}`);
  for (const path of paths)
    writeFileSync(join(folder, path), `A\n${"x".repeat(99)}\n`.padEnd(3_000_000, `${"y".repeat(99)}\n`));
  return paths;
}

function all(paths: readonly string[], old: string, text: string) {
  return { files: paths.map((path) => ({ path, edits: [{ old: `${old}\nx`, new: `${text}\nx` }] })) };
}

/** First letters of the files, each of which must be whole. */
function states(folder: string, paths: readonly string[]): Set<string> {
  return new Set(
    paths.map((path) => {
      const text = readFileSync(join(folder, path), "latin1");
      expect([path, text.length]).toEqual([path, 3_000_000]);
      return text[0] as string;
    }),
  );
}
