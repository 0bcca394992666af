import { lstatSync, readFileSync, realpathSync, statSync } from "node:fs";
import { dirname, isAbsolute, join, relative, sep } from "node:path";

/** A file of the project, as an upgrade sees it. */
export interface OwnFile {
  /** Where it is, through every link; for a file that is not there, where it would be. */
  readonly at: string;
  /** With `\n` at the ends of lines, as templates have it; `undefined`: it is not there. */
  readonly text: string | undefined;
  /** It has `\r\n` there, and keeps it. */
  readonly isWindows: boolean;
  /** Why nothing may be written there. */
  readonly outOfReach?: string;
}

/** Reads a file by its path in the project. Nothing outside is read: links and `..` may lead there. */
export function ownFile(root: string, path: string): OwnFile {
  const refused = (outOfReach: string): OwnFile => ({
    at: join(root, path),
    text: undefined,
    isWindows: false,
    outOfReach,
  });
  const found = follow(join(root, path));
  if ("problem" in found) return refused(found.problem);
  const { at, isThere } = found;
  if (!isWithin(realpathSync(root), at)) return refused("it leads out of the project");
  if (!isThere) return { at, text: undefined, isWindows: false };
  if (!statSync(at).isFile()) return refused("it is a folder");
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(readFileSync(at));
  } catch {
    return refused("it is not UTF-8 text");
  }
  const isWindows = text.includes("\r\n") && !/(?:^|[^\r])\n/.test(text);
  return { at, text: isWindows ? text.replaceAll("\r\n", "\n") : text, isWindows };
}

/** A text as the file has its lines. */
export function asIn({ isWindows }: OwnFile, text: string): string {
  return isWindows ? text.replaceAll("\n", "\r\n") : text;
}

function follow(path: string): { at: string; isThere: boolean } | { problem: string } {
  try {
    return { at: realpathSync(path), isThere: true };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOTDIR") return { problem: "there is a file where its folder has to be" };
    if (code !== "ENOENT") return { problem: `it cannot be read (${code ?? String(error)})` };
  }
  if (lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink()) return { problem: "it is a link to nothing" };
  const folder = follow(dirname(path));
  return "problem" in folder ? folder : { at: join(folder.at, path.slice(dirname(path).length)), isThere: false };
}

function isWithin(root: string, path: string): boolean {
  const way = relative(root, path);
  return way !== ".." && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}
