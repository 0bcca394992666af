import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { ForeignClient, Target } from "./client.ts";
import { commandOf, succeed } from "./program.ts";

const script = commandOf("@wong2/mcp-cli", "mcp-cli");

function config({ folder, command, args, env }: Target): string {
  const file = join(folder, "mcp-cli.json");
  writeFileSync(file, JSON.stringify({ mcpServers: { it: { command, args, env } } }));
  return file;
}

export const mcpCli: ForeignClient = {
  name: "@wong2/mcp-cli",
  transports: ["stdio"],
  call: (target, tool, args) =>
    succeed(
      script,
      ["-c", config(target), "call-tool", `it:${tool}`, "--args", JSON.stringify(args)],
      target.env,
      target.folder,
    ),
};
