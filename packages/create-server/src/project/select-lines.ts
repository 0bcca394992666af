/** What lines of a template can be for: an access level, the sample tools that `--openapi` replaces, or a credential. */
export type Part = "write" | "full" | "samples" | "auth";

const PARTS: readonly string[] = ["write", "full", "samples", "auth"] satisfies Part[];

/**
 * Keeps the lines of the chosen parts: those between `// begin: PART` and `// end: PART` (`#` in YAML), and those of Markdown
 * that end in `<!-- only: PART -->`. The marks themselves go.
 * @throws Error for a mark that is misspelt, or has no other half: a template with one is wrong for everybody
 */
export function selectLines(text: string, parts: ReadonlySet<Part>): string {
  const open: string[] = [];
  const kept: string[] = [];
  let isAfterGap = false;
  for (const line of text.split("\n")) {
    const [, edge, part = ""] = /^\s*(?:\/\/|#) (begin|end):\s*(.*?)\s*$/.exec(line) ?? [];
    if (edge !== undefined && !PARTS.includes(part)) throw new Error(`There is no such part: ${line.trim()}`);
    if (edge === "begin") open.push(part);
    if (edge === "end" && open.pop() !== part) throw new Error(`A part ends that did not begin: ${line.trim()}`);
    if (edge !== undefined) continue;
    const [, shown = line, only] = /^(.*) <!-- only: (\w+) -->$/.exec(line) ?? [];
    if (shown.includes("<!-- only:") || (only !== undefined && !PARTS.includes(only)))
      throw new Error(`A line ends in one <!-- only: PART -->: ${line.trim()}`);
    const isKept = [...open, ...(only === undefined ? [] : [only])].every((one) => parts.has(one as Part));
    // What goes takes the blank line after it along, where there is one before it.
    const isDouble: boolean = isAfterGap && line === "" && kept.at(-1) === "";
    if (isKept && !isDouble) kept.push(shown);
    isAfterGap = !isKept || isDouble;
  }
  if (open.length > 0) throw new Error(`A part does not end: ${open.join(", ")}`);
  return kept.join("\n");
}
