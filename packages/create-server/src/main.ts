import { readCommandLine, USAGE } from "./answers/command-line.ts";
import { loadTemplates } from "./load-templates.ts";
import { newServer } from "./new-server.ts";
import { workspaceRoot } from "./place.ts";
import { Problem } from "./problem.ts";
import { upgrade } from "./upgrade/upgrade.ts";

/** `npm create @mooring/server`. Never rejects for what a person did. @returns the exit status */
export async function main(argv: readonly string[]): Promise<number> {
  try {
    const line = readCommandLine(argv);
    const templates = loadTemplates();
    if (line.help) return say(USAGE);
    if (line.version) return say(`${templates.version}\n`);
    if (line.upgrade) return say(upgrade(line.directory ?? ".", templates, { apply: line.apply }));
    const streams = { input: process.stdin, output: process.stdout };
    return say(await newServer(line, templates, { workspace: workspaceRoot(process.cwd()), streams }));
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    process.stderr.write(`${error.message}\n`);
    return 2;
  }
}

function say(text: string): number {
  process.stdout.write(text);
  return 0;
}
