import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join, relative } from "node:path";
import { type Answers, answersOf } from "./answers/answers.ts";
import type { CommandLine } from "./answers/command-line.ts";
import { askInTerminal } from "./answers/terminal.ts";
import { gitAuthor } from "./git.ts";
import { refuseWithoutNpm } from "./npm.ts";
import { placeOf } from "./place.ts";
import { Problem } from "./problem.ts";
import { RECORD, writeRecord } from "./project/record.ts";
import { type GeneratedTools, render } from "./project/render.ts";
import type { Templates } from "./project/template.ts";
import { writeFolder } from "./project/write-folder.ts";

export interface Streams {
  readonly input: NodeJS.ReadStream;
  readonly output: NodeJS.WriteStream;
}

/** Asks what the command line leaves open, and writes a new server: in servers/ of the workspace, else a project of its own. */
export async function newServer(line: CommandLine, templates: Templates, streams: Streams): Promise<string> {
  const place = placeOf(line.directory, process.cwd());
  if (place.workspace === undefined) refuseWithoutNpm();
  const described = line.openapi === undefined ? undefined : read(line.openapi);
  const settled = place.workspace === undefined ? { ...line, author: line.author ?? gitAuthor() } : ofWorkspace(line);
  // Which operations there are is said before anything is asked.
  if (described !== undefined && line.operations === undefined) await listOperations(described, line);
  const canAsk = !line.yes && streams.input.isTTY && streams.output.isTTY;
  using questions = canAsk ? askInTerminal(streams.input, streams.output) : undefined;
  const { answers, directory } = await answersOf(settled, { questions, place });
  const generated = described === undefined ? undefined : await toolsOf(described, line, answers);
  return place.workspace === undefined
    ? standalone(directory, templates, answers, generated)
    : inWorkspace(place.workspace, directory, templates, answers, generated);
}

// There is one licence there and one author.
function ofWorkspace(line: CommandLine): CommandLine {
  const [licence, author] = ["MIT", "The Mooring authors"];
  for (const [flag, said, ours] of [
    ["--licence", line.licence, licence],
    ["--author", line.author, author],
  ] as const)
    if (said !== undefined && said !== ours)
      throw new Problem(`${flag}: every server of this workspace has ${JSON.stringify(ours)}. Leave it out.`);
  return { ...line, licence, author };
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
  const folder = relative(process.cwd(), directory);
  const goThere = folder === "" ? "" : `  cd ${/^[\w./@-]+$/.test(folder) ? folder : JSON.stringify(folder)}\n`;
  return `${answers.names.package} is in ${folder || "this folder"}: ${files.size + 1} files. Next:

${goThere}  npm install
  npm test         every check; writes the README's tables, server.json, manifest.json and new snapshots
  npm run dev      the server, and its new version after every save (put it into your host's configuration)

CONTRIBUTING.md has the rest. Before you publish to the MCP registry, check "mcpName" in package.json.
${notesOf(generated)}`;
}

function inWorkspace(
  root: string,
  directory: string,
  templates: Templates,
  answers: Answers,
  generated: GeneratedTools | undefined,
): string {
  const { server } = answers.names;
  const files = render(templates, { answers, place: "workspace", generated, year: 0 });
  const { description } = JSON.parse(files.get("package.json") ?? "{}") as { description: string };
  const changeset = `.changeset/first-${server}.md`;
  writeNew(join(root, changeset), `---\n"${answers.names.package}": minor\n---\n\nFirst release: ${description}\n`);
  try {
    writeFolder(directory, files);
  } catch (error) {
    rmSync(join(root, changeset), { force: true });
    throw error;
  }
  return `${answers.names.package} is in servers/${server}: ${files.size} files, and its changeset.\n${notesOf(generated)}`;
}

function notesOf(generated: GeneratedTools | undefined): string {
  return (generated?.notes ?? []).map((note) => `Note: ${note}\n`).join("");
}

function writeNew(file: string, text: string): void {
  try {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text, { flag: "wx" });
  } catch (error) {
    const code = codeOf(error);
    throw new Problem(
      code === "EEXIST"
        ? `${file} is there already, from another server of that name. Remove it, or choose another name. Nothing was written.`
        : `${file} cannot be written (${code}). Nothing was written.`,
    );
  }
}

async function listOperations(described: string, line: CommandLine): Promise<void> {
  const { refuseWithoutOperations } = await import("./openapi-project.ts");
  await refuseWithoutOperations(described, basename(line.openapi ?? ""));
}

async function toolsOf(described: string, line: CommandLine, answers: Answers): Promise<GeneratedTools> {
  const { toolsOfApi } = await import("./openapi-project.ts");
  return toolsOfApi(described, basename(line.openapi ?? ""), line.operations ?? [], answers);
}

function read(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    const code = codeOf(error);
    throw new Problem(
      `--openapi ${file}: ${code === "ENOENT" ? `there is no such file in ${dirname(file)}` : `it cannot be read (${code})`}.`,
    );
  }
}

function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? String(error);
}
