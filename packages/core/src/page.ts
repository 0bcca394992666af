import * as z from "zod";

/** Spread into a list tool's input: `z.strictObject({ repo, ...page(50) })`. */
export function page(max = 100, standard = Math.min(30, max)) {
  return {
    limit: z.int().min(1).max(max).default(standard),
    cursor: z.string().optional(),
  };
}

/** One line an item; the last line says how to get more. */
export function lines(items: readonly string[], nextCursor?: string): string {
  if (items.length === 0) return "Nothing found.";
  return [...items, ...(nextCursor ? [more(nextCursor)] : [])].join("\n");
}

/** How every tool says that there is more. */
export function more(nextCursor: string): string {
  return `More: cursor "${nextCursor}".`;
}
