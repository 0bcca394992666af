import { existsSync } from "node:fs";
import { parseArgs } from "node:util";
import { type Command, UsageError } from "./command.ts";

const WATCHED = ["src", "package.json", "SKILL.md"];

/** `mooring-testing dev`: a server that is restarted on every save, behind one connection of its client. */
export const dev: Command = {
  usage: "[--entry src/bin.ts] [--watch PATH]… [-- server arguments]",
  help: `An MCP server over stdio, for a host's configuration or the Inspector: it runs the server and, when a file is
saved, its new version. The client stays connected.

  --entry FILE   what Node runs, default src/bin.ts
  --watch PATH   a file or folder whose changes count too; may be repeated. Always: ${WATCHED.join(", ")}

Calls that are under way finish on the old version, within 5 s. A version that does not start changes nothing; why is on
stderr. In a project's package.json:  "dev": "mooring-testing dev --"
In a host's configuration:           npm --prefix /path/to/server run --silent dev -- --access full`,

  async run(args) {
    const split = args.includes("--") ? args.indexOf("--") : args.length;
    const { entry, watch } = read(args.slice(0, split));
    if (!existsSync(entry))
      throw new UsageError(
        `There is no ${entry} here (${process.cwd()}): run this in a server's folder, or name it with --entry.`,
      );
    const missing = watch.find((path) => !existsSync(path));
    if (missing !== undefined) throw new UsageError(`There is no ${missing} to watch here (${process.cwd()}).`);
    if (/\.[mc]?ts$/u.test(entry) && !process.features.typescript) {
      process.stderr.write(
        `Running ${entry} takes Node.js 22.18 or newer, which knows TypeScript; this is ${process.versions.node}.\n`,
      );
      return 2;
    }
    const say = (text: string) => void process.stderr.write(`dev: ${text}\n`);
    if (process.stdin.isTTY)
      say("waits for an MCP client on stdin. Put this command into a host's configuration, or behind the Inspector.");
    const stop = new AbortController();
    for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) process.on(signal, () => stop.abort());
    const { superviseServer } = await import("../dev/supervisor.ts");
    await superviseServer({
      entry,
      args: args.slice(split + 1),
      cwd: process.cwd(),
      watch: [...WATCHED, ...watch],
      input: process.stdin,
      output: process.stdout,
      say,
      signal: stop.signal,
    });
    process.stdin.destroy();
    return 0;
  },
};

function read(args: readonly string[]): { entry: string; watch: string[] } {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        entry: { type: "string", default: "src/bin.ts" },
        watch: { type: "string", multiple: true, default: [] },
      },
    });
    return values;
  } catch (error) {
    // Its first sentence says what is wrong; the others are about options of other programs.
    throw new UsageError(
      `${(error as Error).message.split(". ")[0]?.replace(/\.$/u, "") ?? ""}. What the server gets stands behind "--".`,
    );
  }
}
