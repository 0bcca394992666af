import type { Exit } from "./child.ts";

const MOST_LINES = 8;

/**
 * Why a version did not start, from what it wrote: for Node's report of an error the place, the line of code and the
 * message; the frames behind it are Node's own.
 */
export function reasonLines({ how, stderr }: Exit): string[] {
  const lines = stderr
    .split("\n")
    .map((line) => line.trimEnd())
    .filter((line) => line !== "" && !/^\s+at |^Node\.js v|^node:internal|^\s*[{}]|^\s+code: '/u.test(line));
  return lines.length === 0 ? [how] : lines.slice(0, MOST_LINES);
}

/** The one line of it that says most; what ends in a colon says nothing without the next. */
export function shortReason(exit: Exit): string {
  const lines = reasonLines(exit);
  const error = lines.find((line) => /^(\w*(Error|Exception))\b.*: /u.test(line));
  const [first = exit.how, second = ""] = lines;
  return (error ?? (first.endsWith(":") ? `${first} ${second.trim()}` : first)).trim();
}
