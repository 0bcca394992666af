/** One line of the report: ours beside a peer's, and the bar that decides. */
export interface Result {
  readonly id: string;
  readonly what: string;
  readonly unit: string;
  readonly ours: number;
  /** What it is held against; left out where the bar is absolute. */
  readonly peer?: number;
  readonly peerName?: string;
  /** `≤` or `≥`, on the ratio where there is a peer, else on our own figure; left out where a figure is for information. */
  readonly bar?: { readonly at: "≤" | "≥"; readonly value: number };
  readonly note?: string;
}

export function ratio({ ours, peer }: Result): number | undefined {
  return peer === undefined ? undefined : ours / peer;
}

export function met(result: Result): boolean {
  const figure = ratio(result) ?? result.ours;
  if (!result.bar) return true;
  return result.bar.at === "≤" ? figure <= result.bar.value : figure >= result.bar.value;
}

const number = (value: number) =>
  value >= 1_000
    ? Math.round(value).toLocaleString("en")
    : value >= 10
      ? value.toFixed(1)
      : value >= 0.1
        ? value.toFixed(2)
        : value.toFixed(3);

export function row(result: Result): string[] {
  const { what, unit, ours, peer, peerName, bar, note } = result;
  const against = ratio(result);
  return [
    what,
    `${number(ours)} ${unit}`,
    peer === undefined ? "" : `${number(peer)} ${unit} ${peerName ?? ""}`.trim(),
    against === undefined ? "" : `${number(against)}×`,
    bar === undefined ? "" : `${bar.at} ${number(bar.value)}${against === undefined ? ` ${unit}` : "×"}`,
    bar === undefined ? "" : met(result) ? "met" : "MISSED",
    note ?? "",
  ];
}

export const HEADER = ["measure", "ours", "peer", "ratio", "bar", "", "note"];

/** A table for a terminal. */
export function table(rows: readonly (readonly string[])[]): string {
  const width = HEADER.map((_, i) => Math.max(...rows.map((cells) => (cells[i] ?? "").length)));
  return rows
    .map((cells) =>
      cells
        .map((cell, i) => cell.padEnd(width[i] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

/** The same as Markdown. */
export function markdown(results: readonly Result[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [line(HEADER), line(HEADER.map(() => "---")), ...results.map((result) => line(row(result)))].join("\n");
}
