import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join, relative } from "node:path";
import { answersOf, type Answers } from "./answers/answers.ts";
import type { CommandLine } from "./answers/command-line.ts";
import { askInTerminal } from "./answers/terminal.ts";
import { gitAuthor } from "./git.ts";
import { Problem } from "./problem.ts";
import { RECORD, writeRecord } from "./project/record.ts";
import { type GeneratedTools, render } from "./project/render.ts";
import type { Templates } from "./project/template.ts";
import { refuseTaken, writeFolder } from "./project/write-folder.ts";

export interface Streams {
  readonly input: NodeJS.ReadStream;
  readonly output: NodeJS.WriteStream;
}

/** Asks what the command line leaves open, and writes a new server: in servers/ of the workspace, else a project of its own. */
export async function newServer(
  line: CommandLine,
  templates: Templates,
  { workspace, streams }: { readonly workspace: string | undefined; readonly streams: Streams },
): Promise<string> {
  if (line.directory !== undefined && !workspace && !line.directory.startsWith("@")) refuseTaken(line.directory);
  const canAsk = !line.yes && streams.input.isTTY && streams.output.isTTY;
  using questions = canAsk ? askInTerminal(streams.input, streams.output) : undefined;
  // In the workspace there is one scope, one licence and one author.
  const scope = workspace === undefined ? "" : "@mooring/";
  const settled: CommandLine =
    workspace === undefined ? line : { ...line, licence: "MIT", author: "The Mooring authors" };
  const { answers, directory } = await answersOf(settled, {
    questions,
    author: workspace === undefined ? gitAuthor() : "",
    scope,
  });
  const generated = await generatedTools(line, answers);
  return workspace === undefined
    ? standalone(directory, templates, answers, generated)
    : inWorkspace(workspace, templates, answers, generated);
}

function standalone(
  directory: string,
  templates: Templates,
  answers: Answers,
  generated: GeneratedTools | undefined,
): string {
  const year = new Date().getFullYear();
  const files = render(templates, { answers, place: "standalone", generated, year });
  const record = writeRecord({ version: templates.version, year, answers, generated, base: files });
  writeFolder(directory, new Map([...files, [RECORD, record]]));
  const folder = relative(process.cwd(), directory) || ".";
  return `${answers.names.package} is in ${folder}: ${files.size} files. Next:

  cd ${folder}
  npm install
  npm test         every check; writes the README's tables, server.json, manifest.json and new snapshots
  npm run dev      the server, and its new version after every save (put it into your host's configuration)

CONTRIBUTING.md has the rest. Before you publish to the MCP registry, check "mcpName" in package.json.
`;
}

function inWorkspace(
  root: string,
  templates: Templates,
  answers: Answers,
  generated: GeneratedTools | undefined,
): string {
  const { server } = answers.names;
  const files = render(templates, { answers, place: "workspace", generated, year: 0 });
  const changeset = join(root, ".changeset", `first-${server}.md`);
  const folder = join(root, "servers", server);
  refuseTaken(folder);
  const { description } = JSON.parse(files.get("package.json") ?? "{}") as { description: string };
  writeFileSync(changeset, `---\n"${answers.names.package}": minor\n---\n\nFirst release: ${description}\n`, {
    flag: "wx",
  });
  try {
    writeFolder(folder, files);
  } catch (error) {
    rmSync(changeset, { force: true });
    throw error;
  }
  return `${answers.names.package} is in servers/${server}: ${files.size} files, and its changeset.\n`;
}

async function generatedTools(line: CommandLine, answers: Answers): Promise<GeneratedTools | undefined> {
  if (line.openapi === undefined) return undefined;
  const { toolsOfApi } = await import("./openapi-project.ts");
  return toolsOfApi(read(line.openapi), basename(line.openapi), line.operations ?? [], answers);
}

function read(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? "";
    throw new Problem(
      `--openapi ${file}: ${code === "ENOENT" ? `there is no such file in ${dirname(file)}` : `it cannot be read (${code})`}.`,
    );
  }
}
