const LIST = /^( *(?:"[^\n]*?": )?)\[\n((?: *(?:"[^\n]*"|[\w.+-]+),?\n)+) *\](,?)$/gm;

/** JSON as formatters leave it: two spaces, and a list of plain values on one line where that is no longer than `width`. */
export function jsonText(value: unknown, width = 120): string {
  return JSON.stringify(value, null, 2).replace(LIST, (whole, before: string, items: string, after: string) => {
    const line = `${before}[${items.trim().replace(/\n\s+/g, " ")}]${after}`;
    return line.length <= width ? line : whole;
  });
}
