import type { ForeignClient, Target } from "./client.ts";
import { commandOf, succeed } from "./program.ts";

const script = commandOf("@modelcontextprotocol/inspector", "mcp-inspector");

function reach({ transport, command, args, url }: Target): string[] {
  return transport === "http" ? ["--server-url", url, "--transport", "http"] : [command, ...args];
}

/** `--strict` fails (exit 6) on schemas that some hosts' models reject. */
const inspector = (era: "legacy" | "modern"): ForeignClient => ({
  name: `Inspector ${era}`,
  transports: ["stdio", "http"],
  async list(target) {
    const options = ["--method", "tools/list", "--protocol-era", era, "--strict", "--format", "json", "-q"];
    const output = await succeed(script, ["--cli", ...reach(target), ...options], target.env, target.folder);
    return (JSON.parse(output) as { result: { tools: { name: string }[] } }).result.tools.map((tool) => tool.name);
  },
  call: (target, tool, args) =>
    succeed(
      script,
      [
        "--cli",
        ...reach(target),
        "--method",
        "tools/call",
        "--tool-name",
        tool,
        "--tool-args-json",
        JSON.stringify(args),
        "--protocol-era",
        era,
        "--format",
        "json",
        "-q",
      ],
      target.env,
      target.folder,
    ),
});

export const inspectors = [inspector("legacy"), inspector("modern")];
