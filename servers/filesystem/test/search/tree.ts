import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

export interface TreeFigures {
  readonly directories: number;
  readonly files: number;
  readonly bytes: number;
  /** Files named `*.md`. */
  readonly markdown: number;
  /** Lines that hold {@link NEEDLE}. */
  readonly needles: number;
}

/** Stands in a few lines of the tree, nowhere by chance. */
export const NEEDLE = "needle_7f3a9c";

const WORDS =
  "const value return import export function await string number index result entry of the and for with".split(" ");

/**
 * Writes a tree like a large checkout, the same each time: three levels, about 19 files a directory, sizes between 100 bytes
 * and 30 kB (1.9 kB on average), of which 4 in 100 are Markdown. 100,000 files are about 5,200 directories and 190 MB.
 */
export function writeTree(base: string, { files: wanted = 100_000, seed = 1 } = {}): TreeFigures {
  const random = mulberry32(seed);
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
  // A long text of plausible lines; files are slices of it.
  let text = "";
  while (text.length < 200_000) {
    const words = Array.from({ length: 3 + Math.floor(random() * 9) }, () => pick(WORDS));
    text += `${"  ".repeat(Math.floor(random() * 4))}${words.join(" ")}\n`;
  }
  let directories = 0;
  let files = 0;
  let bytes = 0;
  let markdown = 0;
  let needles = 0;
  const extensions = ["ts", "ts", "ts", "js", "js", "json", "py", "go", "css", "html", "txt", "yml"];
  for (let top = 0; files < wanted; top++)
    for (let middle = 0; middle < 20 && files < wanted; middle++)
      for (let low = 0; low < 4 && files < wanted; low++) {
        const directory = join(base, `package-${top}`, low === 0 ? `part-${middle}` : `part-${middle}/group-${low}`);
        mkdirSync(directory, { recursive: true });
        directories += low === 0 && middle === 0 ? 2 : 1;
        for (let i = 0; i < 19 && files < wanted; i++) {
          const isMarkdown = random() < 0.04;
          const size = Math.floor(100 + 3300 * random() ** 2 + (random() < 0.03 ? 27_000 * random() : 0));
          const start = Math.floor(random() * (text.length - size));
          let content = text.slice(start, start + size);
          if (random() < 0.002) {
            content += `\nlast ${NEEDLE} line\n`;
            needles++;
          }
          writeFileSync(join(directory, `file-${i}.${isMarkdown ? "md" : pick(extensions)}`), content);
          files++;
          bytes += content.length;
          if (isMarkdown) markdown++;
        }
      }
  return { directories, files, bytes, markdown, needles };
}

function mulberry32(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}
