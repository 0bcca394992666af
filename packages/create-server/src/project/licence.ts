import type { Answers } from "../answers/answers.ts";

const RESERVED = "Copyright (c) YEAR HOLDER. All rights reserved.\n";

/** The text of the chosen licence, with year and holder where it names them. */
export function licenceText(
  texts: Readonly<Record<string, string>>,
  { licence, author, names }: Pick<Answers, "licence" | "author" | "names">,
  year: number,
): string {
  const holder = holderOf(author, names);
  return (texts[licence] ?? RESERVED)
    .replaceAll(/\bYEAR\b/g, () => String(year))
    .replaceAll(/\bHOLDER\b/g, () => holder);
}

/** Who holds the rights: the author, where one is known. */
export function holderOf(author: string, names: Answers["names"]): string {
  return author === "" ? `The ${names.title} authors` : author;
}
