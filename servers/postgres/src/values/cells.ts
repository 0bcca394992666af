import type { Value } from "../row-set.ts";

/** Characters of one cell that are shown. */
export const maxCell = 2_000;

/** Rows with their long cells cut, and how many were. The mark says how much is missing. */
export function cutCells(rows: readonly (readonly Value[])[]): {
  readonly rows: readonly (readonly Value[])[];
  readonly cut: number;
} {
  let cut = 0;
  const shown = rows.map((row) =>
    row.some((value) => value !== null && value.length > maxCell)
      ? row.map((value) => {
          if (value === null || value.length <= maxCell) return value;
          cut += 1;
          const shown = whole(value);
          return `${shown}…(+${value.length - shown.length} characters)`;
        })
      : row,
  );
  return { rows: shown, cut };
}

// Never half of a surrogate pair.
function whole(value: string): string {
  const last = value.charCodeAt(maxCell - 1);
  return value.slice(0, last >= 0xd800 && last <= 0xdbff ? maxCell - 1 : maxCell);
}
