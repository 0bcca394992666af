/** What one part of a diff takes away and puts there. */
export interface Replacement {
  readonly path: string;
  readonly before: string;
  readonly after: string;
}

/** A diff as a reader sees it: `+++ path`, then parts between `@@`, each with lines that go (-), come (+) or stay ( ). */
export function replacementsOf(diff: string): Replacement[] {
  return diff.split(/^\+\+\+ /m).flatMap((file, index) => {
    if (index === 0) {
      if (file.trim() !== "") throw new Error(`A diff names no file: ${file.trim()}`);
      return [];
    }
    const [path = "", ...lines] = file.split("\n");
    return lines
      .join("\n")
      .split(/^@@\n/m)
      .map((part) => ({ path, before: side(part, "-"), after: side(part, "+") }));
  });
}

/** @throws Error when what goes is not there, or not once */
export function replaceOnce(text: string, { path, before, after }: Replacement): string {
  const [start, end, ...more] = text.split(before);
  if (before === "" || start === undefined || end === undefined || more.length > 0)
    throw new Error(`${path} does not have this exactly once:\n${before}`);
  return start + after + end;
}

function side(part: string, sign: "-" | "+"): string {
  const lines = part.split("\n").filter((line) => line !== "");
  const wrong = lines.find((line) => !/^[-+ ]/.test(line));
  if (wrong !== undefined) throw new Error(`A line of a diff begins with neither -, + nor a space: ${wrong}`);
  return lines
    .flatMap((line) => (line.startsWith(" ") || line.startsWith(sign) ? [`${line.slice(1)}\n`] : []))
    .join("");
}
