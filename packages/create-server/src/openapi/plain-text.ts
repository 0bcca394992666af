/**
 * Texts of a description come from others and end up before a model and in source code: one line, nothing invisible,
 * no markup, and never longer than what a person still reads.
 */
export function oneLine(text: string, most: number): string {
  return cut(visible(text).replace(/\s+/g, " ").trim(), most);
}

/** The first sentence, without markup, at most `most` characters long; empty where there is none. */
export function firstSentence(text: string, most: number): string {
  // Whoever writes a novel there is not read to its end.
  const plain = withoutMarkup(visible(text.slice(0, 10_000)));
  const [paragraph = ""] = plain.trim().split(/\n\s*\n/);
  const line = paragraph.replace(/\s+/g, " ").trim();
  return ended(cut(sentenceOf(line), most));
}

/** Text as somebody would say it, for a heading: first sentence, no full stop. */
export function heading(text: string, most: number): string {
  return firstSentence(text, most).replace(/\.$/, "");
}

/** What is said of a part of which the description only gives the name: "Field `name`." */
export function mention(kind: string, name: string): string {
  const plain = oneLine(name, 80).replace(/`|<!--|-->/g, "");
  return plain === "" ? `${kind}.` : `${kind} \`${plain}\`.`;
}

function sentenceOf(line: string): string {
  const ends = /[.!?](?=\s+["'`(\p{Lu}\p{N}])/gu;
  for (const { index } of line.matchAll(ends)) {
    const sentence = line.slice(0, index + 1);
    if (!/(?:\b(?:e\.g|i\.e|etc|vs|cf|no|approx|incl|min|max)|\b\p{L})\.$/iu.test(sentence)) return sentence;
  }
  return line;
}

function ended(line: string): string {
  return line === "" || /[.!?…:)]$/.test(line) ? line : `${line}.`;
}

function cut(line: string, most: number): string {
  if (line.length <= most) return line;
  // By code points: half a surrogate pair is no character.
  const kept = Array.from(line.slice(0, most))
    .slice(0, -1)
    .join("")
    .replace(/[\uD800-\uDBFF]$/, "");
  const atWord = kept.replace(/\s+\S*$/, "");
  return `${(atWord.length > most / 2 ? atWord : kept).replace(/[\s,;:.]+$/, "")}…`;
}

/** Control, format, private and unassigned characters, lone surrogates, and the blanks that look like nothing. */
// oxlint-disable-next-line no-misleading-character-class
export const INVISIBLE = /[\p{C}\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\uffa0\ufe00-\ufe0f]/gu;

function visible(text: string): string {
  return text
    .replace(/[\u2028\u2029]/g, "\n")
    .replace(INVISIBLE, (character) => (/\s/.test(character) ? character : ""));
}

function withoutMarkup(text: string): string {
  return (
    text
      .replace(/<!--[\s\S]*?(?:-->|$)/g, " ")
      .replace(/<\/?[A-Za-z][^<>]{0,200}>/g, " ")
      .replace(/!?\[([^\]\n]{0,200})\]\([^)\s]{0,500}\)/g, "$1")
      .replace(/^[ \t]*(?:#{1,6}|[-*+>]|\d+\.)[ \t]+/gm, "")
      .replace(/\*\*|__/g, "")
      // What is left of a comment that was put together of pieces.
      .replaceAll("<!--", " ")
      .replaceAll("-->", " ")
  );
}
