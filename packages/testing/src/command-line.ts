import { type Command, UsageError } from "./commands/command.ts";

/** The sub-commands, in the order of `--help`: what each does, and where it is. */
const commands: Readonly<Record<string, { readonly does: string; load(): Promise<Command> }>> = {
  check: { does: "checks any MCP server", load: async () => (await import("./commands/check.ts")).check },
  dev: {
    does: "runs a server and its new version after every save",
    load: async () => (await import("./commands/dev.ts")).dev,
  },
  docs: { does: "writes what documents a server", load: async () => (await import("./commands/docs.ts")).docs },
  compare: {
    does: "compares a server's surface with its last release",
    load: async () => (await import("./commands/compare.ts")).compare,
  },
};

/** `mooring-testing <command> …`. Never rejects for what a person typed. @returns the exit status */
export async function run([name, ...args]: readonly string[]): Promise<number> {
  if (name === undefined || name === "--help" || name === "-h") {
    const width = Math.max(...Object.keys(commands).map((key) => key.length));
    const lines = Object.entries(commands).map(([key, { does }]) => `  ${key.padEnd(width)}  ${does}`);
    process.stderr.write(
      `Usage: mooring-testing <command> [options]\n\n${lines.join("\n")}\n\nmooring-testing <command> --help says more.\n`,
    );
    return name === undefined ? 2 : 0;
  }
  const entry = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (!entry) {
    process.stderr.write(`There is no command "${name}". There are: ${Object.keys(commands).join(", ")}.\n`);
    return 2;
  }
  const command = await entry.load();
  const usage = `Usage: mooring-testing ${name} ${command.usage}\n`;
  // What stands behind "--" is the server's.
  const own = args.includes("--") ? args.slice(0, args.indexOf("--")) : args;
  if (own.includes("--help") || own.includes("-h")) {
    process.stderr.write(`${usage}\n${command.help}\n`);
    return 0;
  }
  try {
    return await command.run(args);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    process.stderr.write(`${error.message}\n${usage}`);
    return 2;
  }
}
