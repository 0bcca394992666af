import type { Value } from "../row-set.ts";
import type { Writer } from "./formats.ts";

export interface Fitted {
  readonly text: string;
  /** Rows that stand in the text. */
  readonly rows: number;
}

/** Writes as many rows as fit into so many characters; at least one, whose cells are cut already. */
export function fit(writer: Writer, rows: readonly (readonly Value[])[], room: number): Fitted {
  const lines: string[] = [];
  let used = writer.head.length + writer.tail.length;
  for (const row of rows) {
    const line = writer.row(row);
    used += line.length + writer.between.length;
    if (used > room && lines.length > 0) break;
    lines.push(line);
  }
  return { text: writer.head + lines.join(writer.between) + writer.tail, rows: lines.length };
}
