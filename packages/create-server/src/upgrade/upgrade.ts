import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { Problem } from "../problem.ts";
import { readRecord, RECORD, writeRecord } from "../project/record.ts";
import { render } from "../project/render.ts";
import { replaceFiles } from "../project/replace-files.ts";
import type { Templates } from "../project/template.ts";
import { type Change, changesOf } from "./changes.ts";
import { asIn, type OwnFile, ownFile } from "./own-file.ts";
import { isNewer } from "./version.ts";
import { diffWithGit, mergeWithGit, refuseUncommitted } from "./with-git.ts";

/**
 * What the template has changed since the project in `folder` was made, as a text for people; with `apply` these changes are
 * made. A file in which both sides have changed the same lines stays as it is, and the template's is put beside it.
 * @throws Problem for a folder that was not made by this generator, or has changes that are not committed
 */
export function upgrade(folder: string, templates: Templates, { apply }: { readonly apply: boolean }): string {
  const root = resolve(folder);
  if (!existsSync(join(root, RECORD)))
    throw new Problem(`${root} has no ${RECORD}: it was not made by npm create @mooring/server.`);
  const mine = (path: string) => ownFile(root, path);
  const kept = mine(RECORD);
  if (kept.text === undefined) throw new Problem(`${RECORD}: ${kept.outOfReach ?? "it is gone"}.`);
  const recorded = readRecord(kept.text);
  if (isNewer(recorded.version, templates.version))
    throw new Problem(
      `The project is from version ${recorded.version}, and this is ${templates.version}: run npm create @mooring/server@latest -- --upgrade.`,
    );
  const { answers, generated, year, base } = recorded;
  const next = render(templates, { answers, place: "standalone", generated, year });
  const changes = changesOf(base, next, mine, mergeWithGit);
  const record: [string, string] = [kept.at, writeRecord({ ...recorded, version: templates.version, base: next })];
  if (changes.length === 0) {
    // The author may have taken over by hand what is new: the next upgrade starts from there.
    if (apply && recorded.version !== templates.version) replaceFiles(new Map([record]));
    return `Nothing to do: the project has everything of the template ${templates.version}.\n`;
  }
  if (!apply)
    return `${diffWithGit(base, next)}\n${summary(changes)}\nnpm create @mooring/server -- --upgrade --apply makes these changes.\n`;
  refuseUncommitted(root);
  replaceFiles(
    new Map([...changes.flatMap((change) => written(mine(change.path), change)), record]),
    changes.filter(({ kind }) => kind === "remove").map(({ path }) => join(root, path)),
  );
  return `${summary(changes)}\nNow run npm install and npm test, and read git diff.\n`;
}

function written(own: OwnFile, change: Change): [string, string][] {
  if (change.kind === "write") return [[own.at, asIn(own, change.text)]];
  return change.kind === "conflict" ? [[`${own.at}.template`, asIn(own, change.text)]] : [];
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
