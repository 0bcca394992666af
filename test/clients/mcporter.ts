import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { ForeignClient, Target } from "./client.ts";
import { commandOf, succeed } from "./program.ts";

const script = commandOf("mcporter", "mcporter");

function config({ folder, transport, command, args, env, url }: Target): string {
  const file = join(folder, "mcporter.json");
  const it = transport === "http" ? { baseUrl: url, allowHttp: true } : { command, args, env };
  writeFileSync(file, JSON.stringify({ mcpServers: { it } }));
  return file;
}

export const mcporter: ForeignClient = {
  name: "mcporter",
  transports: ["stdio", "http"],
  async list(target) {
    const output = await succeed(
      script,
      ["--config", config(target), "list", "it", "--json"],
      target.env,
      target.folder,
    );
    return [...output.matchAll(/"name":\s*"([a-z_]+)"/g)]
      .map((match) => match[1] as string)
      .filter((name) => name !== "it");
  },
  call: (target, tool, args) =>
    succeed(
      script,
      ["--config", config(target), "call", `it.${tool}`, "--args", JSON.stringify(args), "--output", "json"],
      target.env,
      target.folder,
    ),
};
