import { parseArgs } from "node:util";
import { CompareError } from "../compare/compare-error.ts";
import { compareProject } from "../compare/compare-project.ts";
import { type Command, UsageError } from "./command.ts";

export const compare: Command = {
  usage: "[--folder DIR] [--since REF]",
  help: `Compares what the server promises (test/__surface__/) with its last release, says of each difference whether it is
major, minor or patch, and demands a changeset (or a version) of that level. Before 1.0.0 a breaking change needs minor,
any other patch.

  --folder DIR  the project; default: the current folder
  --since REF   a commit, branch or tag instead of the last release, which is the newest tag <package>@<version>
                (or v<version>, in a repository of one package) that the current commit builds on

Exit status: 0 announced as it must be, or no release yet; 1 a higher level is needed; 2 nothing could be compared.`,

  async run(args) {
    const { folder, since } = options(args);
    try {
      const { ok, lines } = compareProject({ folder, since });
      process.stdout.write(`${lines.join("\n")}\n`);
      return ok ? 0 : 1;
    } catch (error) {
      if (!(error instanceof CompareError)) throw error;
      process.stderr.write(`${error.message}\n`);
      return 2;
    }
  },
};

function options(args: readonly string[]) {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: { folder: { type: "string", default: "." }, since: { type: "string" } },
      allowPositionals: false,
    });
    return values;
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}
