const LONGEST = 80;

/** What a person has typed, in quotes: cut where it is long, and with what cannot be seen as its number. */
export function asTyped(text: string): string {
  const cut = text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
  return JSON.stringify(cut).replaceAll(/[\p{C}\p{Z}]/gu, (character) =>
    character === " " ? " " : `\\u{${character.codePointAt(0)?.toString(16)}}`,
  );
}
