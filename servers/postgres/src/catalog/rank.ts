import { similarity, trigrams } from "./trigrams.ts";

/** What is searched of an object. */
export interface Searched {
  readonly schema: string;
  readonly name: string;
  /** Of a table or a composite type; of an enum its values. */
  readonly columns: readonly string[];
  /** Comments of the object and of its columns. */
  readonly comment: string;
}

/** What a word is worth where it was found; a name always beats a column, a column a comment. */
const NAME = { exact: 100, prefix: 80, word: 70, wordPrefix: 60, within: 40 };
const COLUMN = { exact: 50, prefix: 38, word: 36, wordPrefix: 34, within: 26 };
const COMMENT = { word: 30, within: 20 };
/** Of a name that is only alike, times how alike it is. */
const ALIKE_NAME = 18;
const ALIKE_WORD = 15;
const ALIKE_COLUMN = 10;
/** As pg_trgm's `similarity_threshold`. */
const ALIKE = 0.3;
/** Words of what is asked for. */
const MOST_WORDS = 8;

type Worth = {
  readonly exact: number;
  readonly prefix: number;
  readonly word: number;
  readonly wordPrefix: number;
  readonly within: number;
};

/**
 * What fits `wanted`, best first: every word of it must stand in a name, a column or a comment; a word that stands nowhere may
 * be misspelt. Where no object has all words, those that have most. Ties go by schema and name.
 */
export function rank<Item extends Searched>(items: readonly Item[], wanted: string): Item[] {
  const whole = plain(wanted).trim();
  // "order items" means order_items first.
  const joined = whole.replace(/[\s.]+/g, "_");
  const words = [...new Set(whole.split(/[\s.]+/).filter((word) => word !== ""))].slice(0, MOST_WORDS);
  if (words.length === 0) return [];
  const prepared = items.map((item) => ({ item, text: prepare(item) }));
  const exact = words.map((word) => prepared.map(({ text }) => found(text, word)));
  const scores = words.map((word, at) => {
    const strict = exact[at] as number[];
    return strict.some((score) => score > 0) ? strict : alike(prepared, word);
  });
  const ranked = prepared
    .map(({ item, text }, at) => {
      const each = scores.map((score) => score[at] as number);
      const sum = each.reduce((total, score) => total + score, 0);
      const bonus = text.name === joined || text.qualified === whole ? 1_000 : text.name.startsWith(joined) ? 100 : 0;
      return { item, hits: each.filter((score) => score > 0).length, score: sum === 0 ? 0 : sum + bonus };
    })
    .filter(({ score }) => score > 0);
  const most = Math.max(0, ...ranked.map(({ hits }) => hits));
  return ranked
    .filter(({ hits }) => hits === most)
    .sort((a, b) => b.score - a.score || order(a.item.schema, b.item.schema) || order(a.item.name, b.item.name))
    .map(({ item }) => item);
}

interface Prepared {
  readonly name: string;
  readonly qualified: string;
  readonly parts: readonly string[];
  readonly columns: readonly string[];
  readonly comment: string;
}

function prepare({ schema, name, columns, comment }: Searched): Prepared {
  return {
    name: plain(name),
    qualified: `${plain(schema)}.${plain(name)}`,
    parts: wordsOf(name),
    columns: columns.map(plain),
    comment: plain(comment),
  };
}

function found({ name, parts, columns, comment }: Prepared, word: string): number {
  let best = worthOf(name, word, NAME, parts);
  for (const column of columns)
    if (column.includes(word)) best = Math.max(best, worthOf(column, word, COLUMN, wordsOf(column)));
  const at = comment.indexOf(word);
  if (at < 0) return best;
  const isWord = !letter(comment[at - 1]) && !letter(comment[at + word.length]);
  return Math.max(best, isWord ? COMMENT.word : COMMENT.within);
}

function worthOf(text: string, word: string, worth: Worth, parts: readonly string[]): number {
  if (text === word) return worth.exact;
  if (text.startsWith(word)) return worth.prefix;
  if (parts.includes(word)) return worth.word;
  if (parts.some((part) => part.startsWith(word))) return worth.wordPrefix;
  return text.includes(word) ? worth.within : 0;
}

function alike(prepared: readonly { readonly text: Prepared }[], word: string): number[] {
  const wanted = trigrams(word);
  const seen = new Map<string, number>();
  const like = (text: string) => {
    let score = seen.get(text);
    if (score === undefined) {
      score = similarity(wanted, trigrams(text));
      seen.set(text, score);
    }
    return score >= ALIKE ? score : 0;
  };
  return prepared.map(({ text }) =>
    Math.max(
      like(text.name) * ALIKE_NAME,
      ...text.parts.map((part) => like(part) * ALIKE_WORD),
      ...text.columns.map((column) => like(column) * ALIKE_COLUMN),
    ),
  );
}

/** `orderItems` and `order_items` have the words order and items. */
function wordsOf(name: string): string[] {
  return plain(name.replace(/(\p{Ll})(\p{Lu})/gu, "$1_$2")).split(/[^\p{L}\p{N}]+/u);
}

// Without case and accents.
function plain(text: string): string {
  return text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
}

function letter(character: string | undefined): boolean {
  return character !== undefined && /[\p{L}\p{N}]/u.test(character);
}

function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
