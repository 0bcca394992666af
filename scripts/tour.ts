// The tour: every server of docs/examples/mcp.json, launched as a host would, through the SDK's own client.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { styleText } from "node:util";
import { Client } from "@modelcontextprotocol/client";
import { getDefaultEnvironment, StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { configurations } from "@mooring/core/docs";
import { environment, root } from "./workspace.mjs";

/** servers/<name>/tour.json: what is laid out for the server, and what it is asked. */
interface Tour {
  /** Files of the sample folder by relative path, which `${MOORING_SAMPLE}` in the host configuration names. */
  readonly sample?: Readonly<Record<string, string>>;
  /** What a person starts it with. `${DOCUMENTS}` is a folder of theirs. */
  readonly start: {
    /** Behind the server's name: what it does so, and what has to be put in. */
    readonly say: string;
    readonly args?: readonly string[];
    readonly env?: Readonly<Record<string, string>>;
    /** Told below: how to let it write. */
    readonly writing: string;
  };
  readonly calls: readonly {
    readonly say: string;
    readonly tool: string;
    readonly arguments: Record<string, unknown>;
  }[];
}

interface HostEntry {
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

const CONFIG = "docs/examples/mcp.json";
const colour = (style: "bold" | "dim" | "cyan" | "green" | "red", text: string) =>
  process.stdout.isTTY ? styleText(style, text) : text;
const print = (text = "") => void process.stdout.write(`${text}\n`);

const { mcpServers } = readJson<{ mcpServers: Record<string, HostEntry> }>(CONFIG);
try {
  for (const [name, entry] of Object.entries(mcpServers)) await visit(name, entry);
  printConfigurations();
} catch (error) {
  console.error(`\nThe tour stopped: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}

async function visit(name: string, entry: HostEntry): Promise<void> {
  const tour = readJson<Tour>(`servers/${name}/tour.json`);
  const folder = mkdtempSync(join(tmpdir(), "mooring-tour-"));
  const sample = join(folder, "sample");
  const files = Object.entries(tour.sample ?? {});
  for (const [path, text] of files) {
    mkdirSync(dirname(join(sample, path)), { recursive: true });
    writeFileSync(join(sample, path), text);
  }
  const args = entry.args.map((arg) => arg.replaceAll("${MOORING_SAMPLE}", sample));
  // Outside the sample folder, and gone with it: the tour leaves no state in the person's home.
  const state = { XDG_STATE_HOME: join(folder, "state") };
  const { PATH } = environment();
  const transport = new StdioClientTransport({
    command: entry.command,
    args,
    cwd: root,
    env: { ...getDefaultEnvironment(), PATH, ...entry.env, ...state },
  });
  const client = new Client({ name: "mooring-tour", version: "1.0.0" }, { versionNegotiation: { mode: "auto" } });
  try {
    const started = performance.now();
    await client.connect(transport);
    const { tools } = await client.listTools();
    const elapsed = Math.round(performance.now() - started);

    print(colour("bold", `\n${name}`));
    print(
      colour(
        "dim",
        `${[entry.command, ...args].join(" ")}\nlaunched from ${CONFIG}; ${tools.length} tools listed after ${elapsed} ms\n`,
      ),
    );
    const width = Math.max(...tools.map((tool) => tool.name.length));
    for (const { name: tool, title, annotations } of tools) {
      const access = annotations?.readOnlyHint ? "reads" : annotations?.destructiveHint ? "destroys" : "changes";
      print(`  ${colour("cyan", tool.padEnd(width))}  ${access.padEnd(8)}  ${title ?? ""}`);
    }
    for (const { say, tool, arguments: input } of tour.calls) {
      print(`\n${colour("bold", say)}\n${colour("cyan", `> ${tool} ${JSON.stringify(input)}`)}`);
      const { content, isError } = await client.callTool({ name: tool, arguments: input });
      for (const block of content)
        print(block.type === "text" ? block.text.trimEnd().replaceAll(/^/gm, "  ") : `  (${block.type})`);
      if (isError) throw new Error(`The tour's call of ${name}'s ${tool} failed.`);
    }
    if (files.length > 0) {
      const changed = files.filter(([path, text]) => readFileSync(join(sample, path), "utf8") !== text);
      print(
        changed.length === 0
          ? colour("green", "\nThe sample folder is as it was: nothing was changed.")
          : colour("red", `\nChanged: ${changed.map(([path]) => path).join(", ")}`),
      );
    }
  } finally {
    await client.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

function printConfigurations(): void {
  const own = (text: string) => text.replaceAll("${DOCUMENTS}", join(homedir(), "Documents"));
  for (const name of Object.keys(mcpServers)) {
    const { say, args = [], env, writing } = readJson<Tour>(`servers/${name}/tour.json`).start;
    const launch = {
      name,
      command: "node",
      args: [join(root, "scripts/start.mjs"), name, ...args.map(own)],
      ...(env && { env }),
    };
    print(colour("bold", `\n\nPaste into your host: ${name} from this checkout, ${own(say)}`));
    for (const { hosts, text } of configurations(launch)) {
      print();
      for (const host of hosts) print(`${colour("bold", host.name)}: ${host.file.replaceAll("`", "")}`);
      print(colour("cyan", text.replaceAll(/^/gm, "  ")));
      for (const host of hosts)
        if (host.command) print(`${colour("dim", `or, for ${host.name}:`)} ${host.command(launch)}`);
    }
    print(
      `\nOnce the packages are on npm, put \`npx -y @mooring/${name}\` where it says \`node ${launch.args[0]} ${name}\`.`,
    );
    print(`Writing is off in these lines; ${writing}`);
  }
}

function readJson<T>(path: string): T {
  return JSON.parse(readFileSync(join(root, path), "utf8")) as T;
}
