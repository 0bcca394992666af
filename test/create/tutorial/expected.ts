import { stripVTControlCharacters } from "node:util";

/** An expected text as a pattern for all that came: `…` on a line of its own stands for any lines, elsewhere for the rest of a word or line. */
export function patternOf(expected: string): RegExp {
  const lines = expected.trimEnd().split("\n");
  const source = lines.map((line, index) => {
    const end = index === lines.length - 1 ? "" : "\\n";
    return line === "…" ? "(?:[^\\n]*(?:\\n|$))*?" : line.split("…").map(escaped).join("[^\\n]*?") + end;
  });
  return new RegExp(`^${source.join("")}$`);
}

/** What was printed, as a person reads it; npm's remarks about this machine's settings are not part of it. */
export function printed(said: string): string {
  return stripVTControlCharacters(said)
    .split("\n")
    .filter((line) => !line.startsWith("npm warn"))
    .join("\n")
    .trim();
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\/]/g, "\\$&");
}
