import { more } from "@mooring/core";
import { timeInWords } from "../sandbox/describe.ts";
import type { Listed, Listing, Sort } from "./tree.ts";

/**
 * One entry, one line: what it is, then its name to the end of the line, so that no name can pretend to be of another kind
 * or to be two entries. Indentation is depth.
 */
export function listingText({ path, entries, total, ignored, cursor }: Listing, sort: Sort): string {
  const lines = [
    `${path}: ${total} ${total === 1 ? "entry" : "entries"}${ignored > 0 ? `, ${ignored} ignored (\`all: true\` shows them)` : ""}`,
    ...entries.map((entry) => line(entry, sort)),
  ];
  if (entries.some(({ secret }) => secret))
    lines.push("(secret: its content is refused unless the server runs with `--allow`.)");
  if (cursor !== undefined) lines.push(more(cursor));
  return lines.join("\n");
}

function line(entry: Listed, sort: Sort): string {
  const { depth, name, target } = entry;
  const marks = [entry.secret ? "secret" : undefined, entry.unreadable ? "unreadable" : undefined, what(entry)];
  const time = sort === "mtime" ? ` ${timeInWords(entry.mtimeMs)}` : "";
  const facts = marks.filter((mark) => mark !== undefined).join(" ");
  return `${"  ".repeat(depth)}${facts}${time} ${arrowless(name)}${target === undefined ? "" : ` -> ${target}`}${entry.kind === "directory" ? "/" : ""}`;
}

function what({ kind, size, target }: Listed): string {
  if (kind === "file") return String(size);
  if (kind === "directory") return "dir";
  if (kind === "link") return target === undefined ? "link (leads nowhere allowed)" : "link";
  return kind;
}

// A name must not look like a link with its target.
function arrowless(name: string): string {
  return name.replaceAll("->", "-\\x3e");
}
