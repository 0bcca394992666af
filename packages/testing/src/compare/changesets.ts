import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { highest, type Level, levels } from "./level.ts";

/** Where changesets wait, of a project or of the repository it stands in. */
const FOLDER = ".changeset";

/** The changesets that wait for a package's next release. */
export interface Waiting {
  /** Whether the project works with changesets at all. */
  readonly used: boolean;
  /** The highest that one of them asks for; `undefined` when none names the package. */
  readonly level: Level | undefined;
}

/** Reads the changesets in the first of these folders that has any place for them. */
export function waitingChangesets(name: string, folders: readonly string[]): Waiting {
  const folder = folders.map((each) => join(each, FOLDER)).find((each) => existsSync(each));
  if (folder === undefined) return { used: false, level: undefined };
  const asked = readdirSync(folder)
    .filter((file) => file.endsWith(".md") && file.toLowerCase() !== "readme.md")
    .flatMap((file) => levelIn(readFileSync(join(folder, file), "utf8"), name) ?? []);
  return { used: true, level: highest(asked) };
}

/** What one changeset asks for a package: `"@mooring/core": minor` between its first two rules. */
export function levelIn(changeset: string, name: string): Level | undefined {
  const [, head = ""] = /^---\r?\n([^]*?)\r?\n---/.exec(changeset) ?? [];
  for (const line of head.split(/\r?\n/)) {
    const [, quote, quoted, bare, asked] =
      /^\s*(?:(["'])(.+?)\1|([^"'\s:]+))\s*:\s*["']?(\w+)["']?\s*$/.exec(line) ?? [];
    if ((quote === undefined ? bare : quoted) === name) return levels.find((level) => level === asked);
  }
  return undefined;
}

/** A changeset to add: the file, with a list of what changed as its words. */
export function changesetText(name: string, level: Level, changes: readonly string[]): string {
  return `---\n"${name}": ${level}\n---\n\n${changes.map((line) => `- ${line}`).join("\n")}\n`;
}
