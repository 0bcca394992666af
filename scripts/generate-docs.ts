// Rewrites what the documentation takes from the code; `--check` compares, and looks at every link and command as well.
import { globSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { replaceSection } from "@mooring/core/docs";
import { architecture } from "./docs/architecture.ts";
import { commandProblems } from "./docs/commands.ts";
import { linkProblems } from "./docs/links.ts";
import { type Sections, sectionsOf } from "./docs/sections.ts";
import { loadServers } from "./docs/servers.ts";
import { root } from "./workspace.mjs";

const check = process.argv.includes("--check");
const problems: string[] = [];
const servers = await loadServers();

for (const [file, sections] of Object.entries(sectionsOf(servers)))
  keep(file, (before) => withSections(before, sections));
keep("docs/architecture.svg", () => architecture(servers.map(({ name }) => name)));

if (check) {
  const pages = globSync("**/*.md", { cwd: root, exclude: ["**/node_modules/**", "**/dist/**", "artifacts/**"] });
  for (const page of pages.sort()) {
    const text = readFileSync(join(root, page), "utf8");
    problems.push(...linkProblems(page, text), ...commandProblems(page, text, servers));
  }
}
for (const problem of problems) console.error(problem);
if (problems.length > 0) process.exitCode = 1;

function keep(file: string, change: (before: string) => string): void {
  const path = join(root, file);
  const before = globSync(file, { cwd: root }).length > 0 ? readFileSync(path, "utf8") : "";
  const after = change(before);
  if (after === before) return;
  if (check) problems.push(`${file} is out of date: run npm run docs`);
  else writeFileSync(path, after);
}

function withSections(text: string, sections: Sections): string {
  return Object.entries(sections).reduce((page, [name, body]) => replaceSection(page, name, body), text);
}
