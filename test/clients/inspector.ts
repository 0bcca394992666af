import type { ForeignClient, Target } from "./client.ts";
import { commandOf, succeed } from "./program.ts";

const script = commandOf("@modelcontextprotocol/inspector", "mcp-inspector");

function reach({ transport, command, args, env, url }: Target): string[] {
  if (transport === "http") return ["--server-url", url, "--transport", "http"];
  // It hands on no variables of its own but the usual ones.
  return [command, ...args, ...Object.entries(env).flatMap(([name, value]) => ["-e", `${name}=${value}`])];
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
