import { existsSync, readFileSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { Problem } from "../problem.ts";
import { readRecord, RECORD, writeRecord } from "../project/record.ts";
import { replaceFiles } from "../project/replace-files.ts";
import { render } from "../project/render.ts";
import type { Templates } from "../project/template.ts";
import { type Change, changesOf } from "./changes.ts";
import { diffWithGit, hasUncommitted, mergeWithGit } from "./with-git.ts";

/**
 * What the template has changed since the project in `folder` was made, as a text for people; with `apply` these changes are
 * made. A file in which both sides have changed the same lines stays as it is, and the template's is put beside it.
 * @throws Problem for a folder that was not made by this generator, or has changes that are not committed
 */
export function upgrade(folder: string, templates: Templates, { apply }: { readonly apply: boolean }): string {
  const root = resolve(folder);
  if (!existsSync(join(root, RECORD)))
    throw new Problem(`${root} has no ${RECORD}: it was not made by npm create @mooring/server.`);
  const recorded = readRecord(readFileSync(join(root, RECORD), "utf8"));
  if (isNewer(recorded.version, templates.version))
    throw new Problem(
      `The project is from version ${recorded.version}, and this is ${templates.version}: run npm create @mooring/server@latest -- --upgrade.`,
    );
  const { answers, generated, year, base } = recorded;
  const next = render(templates, { answers, place: "standalone", generated, year });
  const mine = (path: string) => (existsSync(join(root, path)) ? readFileSync(join(root, path), "utf8") : undefined);
  const changes = changesOf(base, next, mine, mergeWithGit);
  if (changes.length === 0) return `Nothing to do: the project has everything of the template ${templates.version}.\n`;
  if (!apply)
    return `${diffWithGit(base, next)}\n${summary(changes)}\nnpm create @mooring/server -- --upgrade --apply makes these changes.\n`;
  if (hasUncommitted(root))
    throw new Problem(
      "There are changes that are not committed. Commit them first, so that the upgrade can be looked at alone.",
    );
  const record = writeRecord({ ...recorded, version: templates.version, base: next });
  replaceFiles(new Map([...changes.flatMap((change) => written(root, change)), [join(root, RECORD), record]]));
  for (const { kind, path } of changes) if (kind === "remove") rmSync(join(root, path));
  return `${summary(changes)}\nNow run npm install and npm test, and read git diff.\n`;
}

function written(root: string, change: Change): [string, string][] {
  if (change.kind === "write") return [[join(root, change.path), change.text]];
  return change.kind === "conflict" ? [[join(root, `${change.path}.template`), change.text]] : [];
}

function summary(changes: readonly Change[]): string {
  return changes
    .map((change) => {
      if (change.kind === "write") return `  changed   ${change.path}`;
      if (change.kind === "remove") return `  removed   ${change.path}`;
      if (change.kind === "left") return `  left      ${change.path}: ${change.why}`;
      return `  CONFLICT  ${change.path}: yours is kept, the template's is ${change.path}.template; take over what you want and delete it`;
    })
    .join("\n");
}

function isNewer(one: string, other: string): boolean {
  return one.localeCompare(other, "en", { numeric: true }) > 0;
}
