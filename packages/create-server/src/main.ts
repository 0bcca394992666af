import { readCommandLine, USAGE } from "./answers/command-line.ts";
import { refuseKeptByNpm } from "./answers/kept-by-npm.ts";
import { loadTemplates } from "./load-templates.ts";
import { newServer } from "./new-server.ts";
import { Problem } from "./problem.ts";
import { upgrade } from "./upgrade/upgrade.ts";

/** `npm create @mooring/server`. Never rejects for what a person did. @returns the exit status */
export async function main(argv: readonly string[]): Promise<number> {
  // Whoever reads the output may stop reading: `… --upgrade | head`.
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
  });
  try {
    refuseKeptByNpm(process.env);
    const line = readCommandLine(argv);
    if (line.help) return say(USAGE);
    const templates = loadTemplates();
    if (line.version) return say(`${templates.version}\n`);
    if (line.upgrade) return say(upgrade(line.directory ?? ".", templates, { apply: line.apply }));
    return say(await newServer(line, templates, { input: process.stdin, output: process.stdout }));
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
