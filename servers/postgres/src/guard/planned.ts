import type { Tree } from "./walk.ts";

/** A call all of whose arguments are constant is run by the planner. */
export function callsWithoutColumns(trees: readonly Tree[]): boolean {
  const holds = (value: unknown, key: string): boolean =>
    typeof value === "object" &&
    value !== null &&
    Object.entries(value).some(([name, child]) => name === key || holds(child, key));
  const search = (value: unknown): boolean =>
    typeof value === "object" &&
    value !== null &&
    Object.entries(value).some(([name, child]) => (name === "FuncCall" && !holds(child, "ColumnRef")) || search(child));
  return search(trees);
}
