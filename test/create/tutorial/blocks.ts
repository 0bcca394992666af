/** A fenced block of a page. */
export interface Block {
  /** Where it stands, for messages: `docs/new-server.md:12`. */
  readonly at: string;
  readonly language: string;
  /** `key=value` words behind the language; a word alone has the value "". */
  readonly info: Readonly<Record<string, string>>;
  /** Without the fences, with the last line's end. */
  readonly body: string;
}

/** What stands under one heading. */
export interface Section {
  readonly title: string;
  readonly blocks: readonly Block[];
}

/** The blocks of a page, by its headings of the second level. @throws Error for a block that is not closed */
export function sectionsOf(page: string, text: string): Section[] {
  const sections: { title: string; blocks: Block[] }[] = [];
  let open: { line: number; language: string; info: string; body: string[] } | undefined;
  for (const [index, line] of text.split("\n").entries()) {
    const [, language, info = ""] = /^```(\w*)(?: (.*))?$/.exec(line) ?? [];
    if (open && line === "```") {
      const body = open.body.map((each) => `${each}\n`).join("");
      const block = { at: `${page}:${open.line}`, language: open.language, info: wordsOf(open.info), body };
      const section = sections.at(-1);
      if (!section) throw new Error(`${block.at}: a block before the first heading`);
      section.blocks.push(block);
      open = undefined;
    } else if (open) open.body.push(line);
    else if (language !== undefined) open = { line: index + 1, language, info, body: [] };
    else if (line.startsWith("## ")) sections.push({ title: line.slice(3), blocks: [] });
  }
  if (open) throw new Error(`${page}:${open.line}: the block is not closed`);
  return sections;
}

function wordsOf(info: string): Record<string, string> {
  const words = info
    .replace(/\(.*\)/, "")
    .split(" ")
    .filter((word) => word !== "");
  return Object.fromEntries(words.map((word) => [word.split("=")[0] ?? word, word.split("=").slice(1).join("=")]));
}
