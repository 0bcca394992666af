import { relative } from "node:path";
import process from "node:process";
import { parseArgs } from "node:util";
import { type Command, UsageError } from "./command.ts";

const help = `Rewrites what documents the server in this folder, from its code:
  README.md      what stands between <!-- begin:NAME --> and <!-- end:NAME -->; NAME is tools, resources,
                 options, common-options, information, budgets, exit-codes or hosts
  server.json    for the MCP registry
  manifest.json  for MCP bundles (.mcpb)
It reads package.json, src/server.ts and src/options.ts, and needs Node.js 22.18 or newer.

--check  writes nothing, says what is out of date, and exits with 1 when something is; so it is in CI (the
         variable CI) without saying so
--write  writes in CI too`;

/** `mooring-testing docs`: README sections, server.json and manifest.json of the server in this folder. */
export const docs: Command = {
  usage: "[--check | --write]",
  help,
  async run(args) {
    const { check } = options(args);
    // Loaded here: the help needs neither core nor the tokenizer.
    const [{ DocumentError }, { loadProject }, { documentsOf, stale }, { writeDocuments }, { loadTokenizer }] =
      await Promise.all([
        import("@mooring/core/docs"),
        import("../docs/project.ts"),
        import("../docs/documents.ts"),
        import("../docs/write-documents.ts"),
        import("../docs/tokenizer.ts"),
      ]);
    const folder = process.cwd();
    try {
      const project = await loadProject(folder);
      const { documents, notes } = documentsOf(project, await loadTokenizer());
      for (const note of notes) process.stderr.write(`${note}\n`);
      const changed = stale(documents);
      const names = changed.map(({ path }) => relative(folder, path)).join(", ");
      if (changed.length === 0) {
        process.stdout.write("The documents are up to date.\n");
        return 0;
      }
      if (check) {
        const command = project.manifest.scripts?.["docs"] ? "npm run docs" : "npx mooring-testing docs";
        process.stderr.write(`Out of date: ${names}. Run: ${command}\n`);
        return 1;
      }
      writeDocuments(changed);
      process.stdout.write(`Wrote ${names}.\n`);
      return 0;
    } catch (error) {
      if (!(error instanceof DocumentError || isSystemError(error))) throw error;
      process.stderr.write(`${error.message}\n`);
      return 1;
    }
  },
};

function options(args: readonly string[]): { readonly check: boolean } {
  const flag = { type: "boolean", default: false } as const;
  try {
    const { values } = parseArgs({ args: [...args], options: { check: flag, write: flag } });
    if (values.check && values.write) throw new UsageError("--check and --write exclude each other.");
    // As snapshots are: written where a person works and will look at them, compared where nobody does.
    return { check: values.check || (!values.write && Boolean(process.env["CI"])) };
  } catch (error) {
    throw error instanceof UsageError ? error : new UsageError((error as Error).message);
  }
}

function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && "syscall" in error;
}
