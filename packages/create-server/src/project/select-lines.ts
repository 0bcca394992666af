/** What lines of a template can be for: an access level, the sample tools that `--openapi` replaces, or a credential. */
export type Part = "write" | "full" | "samples" | "auth";

/**
 * Keeps the lines of the chosen parts: those between `// begin: PART` and `// end: PART` (`#` in YAML), and those of Markdown
 * that end in `<!-- only: PART -->`. The marks themselves go.
 */
export function selectLines(text: string, parts: ReadonlySet<Part>): string {
  const open: Part[] = [];
  const kept = text.split("\n").flatMap((line) => {
    const [, edge, part] = /^\s*(?:\/\/|#) (begin|end): (write|full|samples|auth)$/.exec(line) ?? [];
    if (edge === "begin") open.push(part as Part);
    if (edge === "end" && open.pop() !== part) throw new Error(`A part ends that did not begin: ${line.trim()}`);
    if (edge !== undefined) return [];
    const [, shown = line, only] = /^(.*) <!-- only: (write|full|samples|auth) -->$/.exec(line) ?? [];
    return [...open, ...(only === undefined ? [] : [only as Part])].every((one) => parts.has(one)) ? [shown] : [];
  });
  if (open.length > 0) throw new Error(`A part does not end: ${open.join(", ")}`);
  return kept.join("\n");
}
