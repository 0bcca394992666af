import { describe, expect, it } from "vitest";
import { configurations, hosts, type Launch } from "../src/hosts.ts";

const launch: Launch = { name: "filesystem", command: "npx", args: ["-y", "@mooring/filesystem", "/a b/c"] };
const byName = (name: string) => hosts.find((host) => host.name === name) as (typeof hosts)[number];

describe("host configurations", () => {
  it("cover the ten hosts", () => {
    expect(hosts.map(({ name }) => name)).toEqual([
      "Claude Desktop",
      "Claude Code",
      "Cursor",
      "VS Code",
      "Codex",
      "Gemini CLI",
      "Windsurf",
      "Zed",
      "Copilot CLI",
      "opencode",
    ]);
  });

  it.each(hosts.filter(({ language }) => language === "json"))(
    "$name gets valid JSON that holds the command",
    (host) => {
      const parsed: unknown = JSON.parse(host.config(launch));
      expect(JSON.stringify(parsed)).toContain(JSON.stringify(launch.args).slice(1, -1));
      expect(JSON.stringify(parsed)).toContain('"npx"');
    },
  );

  it("keeps an argument vector on one line", () => {
    expect(byName("Cursor").config(launch)).toContain('"args": ["-y", "@mooring/filesystem", "/a b/c"]');
  });

  it("gives each host its own keys", () => {
    expect(JSON.parse(byName("VS Code").config(launch))).toHaveProperty(["servers", "filesystem", "type"], "stdio");
    expect(JSON.parse(byName("Zed").config(launch))).toHaveProperty(
      ["context_servers", "filesystem", "command"],
      "npx",
    );
    expect(JSON.parse(byName("Copilot CLI").config(launch))).toHaveProperty(
      ["mcpServers", "filesystem", "tools"],
      ["*"],
    );
    expect(JSON.parse(byName("opencode").config(launch))).toHaveProperty(
      ["mcp", "filesystem", "command"],
      ["npx", ...launch.args],
    );
    expect(byName("Codex").config(launch)).toBe(
      '[mcp_servers.filesystem]\ncommand = "npx"\nargs = ["-y", "@mooring/filesystem", "/a b/c"]',
    );
  });

  it("passes variables on, each host in its own way", () => {
    const secret: Launch = { name: "x", command: "npx", args: ["-y", "@acme/x"], env: { TOKEN: "<TOKEN>" } };
    const parsed = (name: string) => JSON.parse(byName(name).config(secret)) as unknown;
    expect(parsed("Cursor")).toHaveProperty(["mcpServers", "x", "env"], secret.env);
    expect(parsed("VS Code")).toHaveProperty(["servers", "x", "env"], secret.env);
    expect(parsed("Zed")).toHaveProperty(["context_servers", "x", "env"], secret.env);
    expect(parsed("Copilot CLI")).toHaveProperty(["mcpServers", "x", "env"], secret.env);
    expect(parsed("opencode")).toHaveProperty(["mcp", "x", "environment"], secret.env);
    expect(byName("Codex").config(secret)).toMatch(/^env = \{ TOKEN = "<TOKEN>" \}$/m);
    expect(byName("Claude Code").command?.(secret)).toBe("claude mcp add x --env 'TOKEN=<TOKEN>' -- npx -y @acme/x");
    expect(byName("Codex").command?.(secret)).toBe("codex mcp add x --env 'TOKEN=<TOKEN>' -- npx -y @acme/x");
    expect(byName("VS Code").command?.(secret)).toContain('"env":{"TOKEN":"<TOKEN>"}');
    for (const { config } of hosts) expect(config(launch)).not.toMatch(/"env": \{ *"|environment|^env =/m);
  });

  it("quotes what a shell would split", () => {
    expect(byName("Claude Code").command?.(launch)).toBe(
      "claude mcp add filesystem -- npx -y @mooring/filesystem '/a b/c'",
    );
  });

  it("prints hosts that take the same text together", () => {
    const together = configurations(launch).map(({ hosts: names }) => names.map(({ name }) => name));
    expect(together[0]).toEqual(["Claude Desktop", "Claude Code", "Cursor", "Gemini CLI", "Windsurf"]);
    expect(together.flat()).toHaveLength(hosts.length);
  });
});
