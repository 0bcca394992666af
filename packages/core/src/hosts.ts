import { jsonText } from "./docs-json.ts";

/** How a host is to start a server. */
export interface Launch {
  /** The server's name in the host. */
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  /** What the server needs in its environment: hosts pass on little of their own. */
  readonly env?: Readonly<Record<string, string>>;
}

/** A program that starts servers, and how it is told to. */
export interface Host {
  readonly name: string;
  /** Where its configuration is, as a person looks for it; Markdown. */
  readonly file: string;
  readonly language: "json" | "toml";
  config(launch: Launch): string;
  /** Its own command for the same thing. */
  command?(launch: Launch): string;
}

// The shape most hosts took over from Claude Desktop.
const mcpServers = ({ name, command, args, env }: Launch) =>
  json({ mcpServers: { [name]: { command, args, ...(env && { env }) } } });

/** The hosts we print configuration for: one list behind every README, the tour and the command line. */
export const hosts: readonly Host[] = [
  {
    name: "Claude Desktop",
    file: "`claude_desktop_config.json` (Settings → Developer → Edit Config)",
    language: "json",
    config: mcpServers,
  },
  {
    name: "Claude Code",
    file: "`.mcp.json` in the project",
    language: "json",
    config: mcpServers,
    command: ({ name, command, args, env }) => `claude mcp add ${shell([name, ...flags(env), "--", command, ...args])}`,
  },
  { name: "Cursor", file: "`~/.cursor/mcp.json` or `.cursor/mcp.json`", language: "json", config: mcpServers },
  {
    name: "VS Code",
    file: "`.vscode/mcp.json`",
    language: "json",
    config: ({ name, command, args, env }) =>
      json({ servers: { [name]: { type: "stdio", command, args, ...(env && { env }) } } }),
    command: ({ name, command, args, env }) =>
      `code --add-mcp ${shell([JSON.stringify({ name, command, args, ...(env && { env }) })])}`,
  },
  {
    name: "Codex",
    file: "`~/.codex/config.toml`",
    language: "toml",
    config: ({ name, command, args, env }) =>
      [
        `[mcp_servers.${name}]`,
        `command = ${JSON.stringify(command)}`,
        `args = [${args.map((arg) => JSON.stringify(arg)).join(", ")}]`,
        ...(env
          ? [
              `env = { ${Object.entries(env)
                .map(([key, value]) => `${key} = ${JSON.stringify(value)}`)
                .join(", ")} }`,
            ]
          : []),
      ].join("\n"),
    command: ({ name, command, args, env }) => `codex mcp add ${shell([name, ...flags(env), "--", command, ...args])}`,
  },
  {
    name: "Gemini CLI",
    file: "`~/.gemini/settings.json` or `.gemini/settings.json`",
    language: "json",
    config: mcpServers,
  },
  { name: "Windsurf", file: "`~/.codeium/windsurf/mcp_config.json`", language: "json", config: mcpServers },
  {
    name: "Zed",
    file: "`settings.json` (zed: open settings)",
    language: "json",
    config: ({ name, command, args, env = {} }) => json({ context_servers: { [name]: { command, args, env } } }),
  },
  {
    name: "Copilot CLI",
    file: "`~/.copilot/mcp-config.json`",
    language: "json",
    config: ({ name, command, args, env }) =>
      json({ mcpServers: { [name]: { type: "local", command, args, ...(env && { env }), tools: ["*"] } } }),
  },
  {
    name: "opencode",
    file: "`opencode.json`",
    language: "json",
    config: ({ name, command, args, env }) =>
      json({
        mcp: {
          [name]: { type: "local", command: [command, ...args], ...(env && { environment: env }), enabled: true },
        },
      }),
  },
];

/** Hosts that take the same text stand together, in the order of the list. */
export function configurations(launch: Launch): { readonly hosts: readonly Host[]; readonly text: string }[] {
  const byText = new Map<string, Host[]>();
  for (const host of hosts) {
    const text = host.config(launch);
    byText.set(text, [...(byText.get(text) ?? []), host]);
  }
  return [...byText].map(([text, together]) => ({ hosts: together, text }));
}

// Argument vectors are read as one command, however long they are.
function json(value: unknown): string {
  return jsonText(value, Infinity);
}

function flags(env: Launch["env"]): string[] {
  return Object.entries(env ?? {}).flatMap(([key, value]) => ["--env", `${key}=${value}`]);
}

function shell(words: readonly string[]): string {
  return words.map((word) => (/^[\w@%+=:,./~-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`)).join(" ");
}
