import { more } from "@mooring/core";
import type { SearchHit, SearchResult } from "./engine.ts";

/** What the model reads: each directory once, then paths relative to it; of contents, the path and below it `line:text`. */
export function searchText(result: SearchResult, contents: boolean): string {
  const { directories, cursor, problems } = result;
  const lines: string[] = [];
  for (const { path, hits } of directories) if (hits.length > 0) lines.push(`In ${path}:`, ...hits.flatMap(hitLines));
  if (lines.length === 0) lines.push(nothing(result, contents));
  lines.push(...problems, ...leftOut(result, contents));
  if (cursor !== undefined) lines.push(more(cursor));
  return lines.join("\n");
}

function hitLines({ path, directory, count, lines }: SearchHit): string[] {
  if (count !== undefined) return [`${path}:${count}`];
  if (!lines) return [directory ? `${path}/` : path];
  const shown = [path];
  // As grep: a line of context has a dash, and a gap between groups is a line of two.
  const context = lines.some(({ match }) => !match);
  let before: number | undefined;
  for (const { line, text, match } of lines) {
    if (context && before !== undefined && line > before + 1) shown.push("--");
    shown.push(`${line}${match ? ":" : "-"}${text}`);
    before = line;
  }
  return shown;
}

function nothing({ directories, cursor }: SearchResult, contents: boolean): string {
  const [only] = directories;
  const where = directories.length === 1 && only ? only.path : `the ${directories.length} allowed directories`;
  if (cursor !== undefined) return `Nothing found in ${where} yet.`;
  return `${contents ? "No match" : "No such name"} in ${where}.`;
}

function leftOut({ skipped, late, entries, cursor, directories }: SearchResult, contents: boolean): string[] {
  const { ignored, binary, unreadable, denied, large, deep } = skipped;
  const empty = directories.every(({ hits }) => hits.length === 0);
  const parts = [
    ignored > 0 && `${ignored} ignored by .gitignore${empty ? " (`all` includes them)" : ""}`,
    contents && binary > 0 && `${binary} binary`,
    unreadable > 0 && `${unreadable} unreadable`,
    denied > 0 && `${denied} that may hold secrets`,
    large > 0 && `${large} UTF-16 above 16 MB`,
    deep > 0 && `${deep} nested too deeply`,
  ].filter((part) => part !== false);
  return [
    ...(parts.length > 0 ? [`Left out: ${parts.join(", ")}.`] : []),
    ...(late && cursor !== undefined
      ? [`Time ran out after ${entries === 1 ? "1 entry" : `${entries} entries`}.`]
      : []),
  ];
}
