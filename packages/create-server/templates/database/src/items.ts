import { ToolError } from "@mooring/core";
import type { Database } from "./database.ts";

export async function getItem({ read }: Database, id: string, signal: AbortSignal) {
  const text = "SELECT name, amount, note FROM items WHERE id = $1";
  return only(await read<{ name: string; amount: number; note: string }>(text, [id], signal));
}

export function only<T>([row]: readonly T[]): T {
  if (row === undefined)
    throw new ToolError("not_found", "There is no such item.", { hint: "Use an id of list_items." });
  return row;
}
