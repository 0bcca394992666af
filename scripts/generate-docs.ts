// Rewrites what the documentation takes from the code; `--check` compares, and looks at every link and command as well.
import { globSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { DocumentError, replaceSection, type Sections } from "@mooring/core/docs";
import { type Document, documentsOf, readDocument, stale } from "../packages/testing/src/docs/documents.ts";
import { loadTokenizer } from "../packages/testing/src/docs/tokenizer.ts";
import { writeDocuments } from "../packages/testing/src/docs/write-documents.ts";
import { architecture } from "./docs/architecture.ts";
import { commandProblems } from "./docs/commands.ts";
import { linkProblems } from "./docs/links.ts";
import { sectionsOf } from "./docs/sections.ts";
import { type DocumentedServer, loadServers, loadTemplates, naming } from "./docs/servers.ts";
import { root } from "./workspace.mjs";

const check = process.argv.includes("--check");
const problems: string[] = [];
try {
  const servers = await loadServers();
  const templates = await loadTemplates();
  const changed = stale([...pages(servers), ...(await ofProjects([...servers, ...templates]))]);
  if (check) {
    for (const { path } of changed) problems.push(`${relative(root, path)} is out of date: run npm run docs`);
    problems.push(...proseProblems([...servers, ...templates]));
  } else writeDocuments(changed);
} catch (error) {
  if (!(error instanceof DocumentError)) throw error;
  problems.push(error.message);
}
for (const problem of problems) console.error(problem);
if (problems.length > 0) process.exitCode = 1;

function pages(servers: readonly DocumentedServer[]): Document[] {
  return [
    ...Object.entries(sectionsOf(servers)).map(([file, sections]) =>
      readDocument(join(root, file), (before = "") => withSections(before, sections)),
    ),
    readDocument(join(root, "docs/architecture.svg"), () => architecture(servers.map(({ name }) => name))),
  ];
}

// Here every section must be in its page: the page was written for it.
function withSections(text: string, sections: Sections): string {
  return Object.entries(sections).reduce((page, [name, body]) => replaceSection(page, name, body), text);
}

async function ofProjects(projects: readonly DocumentedServer[]): Promise<Document[]> {
  const countTokens = await loadTokenizer();
  return projects.flatMap((project) => {
    const { documents, notes } = naming(project.path, () => documentsOf(project, countTokens));
    for (const note of notes) console.error(`${project.path}: ${note}`);
    return documents;
  });
}

function proseProblems(servers: readonly DocumentedServer[]): string[] {
  const files = globSync("**/*.md", { cwd: root, exclude: ["**/node_modules/**", "**/dist/**", "artifacts/**"] });
  return files.sort().flatMap((page) => {
    const text = readFileSync(join(root, page), "utf8");
    return [...linkProblems(page, text), ...commandProblems(page, text, servers)];
  });
}
