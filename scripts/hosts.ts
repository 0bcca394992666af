// The hosts we print configuration for: one list behind the README, the servers' READMEs and the tour.

/** How a host is to start a server. */
export interface Launch {
  /** The server's name in the host. */
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
}

export interface Host {
  readonly name: string;
  /** Where its configuration is, as a person looks for it. */
  readonly file: string;
  readonly language: "json" | "toml";
  config(launch: Launch): string;
  /** Its own command for the same thing. */
  command?(launch: Launch): string;
}

// The shape most hosts took over from Claude Desktop.
const mcpServers = ({ name, command, args }: Launch) => json({ mcpServers: { [name]: { command, args } } });

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
    command: ({ name, command, args }) => `claude mcp add ${name} -- ${shell([command, ...args])}`,
  },
  { name: "Cursor", file: "`~/.cursor/mcp.json` or `.cursor/mcp.json`", language: "json", config: mcpServers },
  {
    name: "VS Code",
    file: "`.vscode/mcp.json`",
    language: "json",
    config: ({ name, command, args }) => json({ servers: { [name]: { type: "stdio", command, args } } }),
    command: ({ name, command, args }) => `code --add-mcp ${shell([JSON.stringify({ name, command, args })])}`,
  },
  {
    name: "Codex",
    file: "`~/.codex/config.toml`",
    language: "toml",
    config: ({ name, command, args }) =>
      `[mcp_servers.${name}]\ncommand = ${JSON.stringify(command)}\nargs = [${args.map((arg) => JSON.stringify(arg)).join(", ")}]`,
    command: ({ name, command, args }) => `codex mcp add ${name} -- ${shell([command, ...args])}`,
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
    config: ({ name, command, args }) => json({ context_servers: { [name]: { command, args, env: {} } } }),
  },
  {
    name: "Copilot CLI",
    file: "`~/.copilot/mcp-config.json`",
    language: "json",
    config: ({ name, command, args }) =>
      json({ mcpServers: { [name]: { type: "local", command, args, tools: ["*"] } } }),
  },
  {
    name: "opencode",
    file: "`opencode.json`",
    language: "json",
    config: ({ name, command, args }) =>
      json({ mcp: { [name]: { type: "local", command: [command, ...args], enabled: true } } }),
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

// Lists on one line: they are argument vectors, read as one command.
function json(value: unknown): string {
  return JSON.stringify(value, null, 2).replace(
    /\[\n\s+([^[\]{}]*?)\n\s+\]/g,
    (_, items: string) => `[${items.replace(/\n\s+/g, " ")}]`,
  );
}

function shell(words: readonly string[]): string {
  return words.map((word) => (/^[\w@%+=:,./~-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`)).join(" ");
}
