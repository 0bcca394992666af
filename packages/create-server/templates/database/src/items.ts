import { ToolError } from "@mooring/core";
import type { Database } from "./database.ts";

// Columns are named here and in each SELECT: none gets out by accident.
export type Item = { id: number; name: string; amount: number; note: string };

export async function getItem({ read }: Database, id: string, signal: AbortSignal): Promise<Item> {
  return only(await read<Item>("SELECT id, name, amount, note FROM items WHERE id = $1", [id], signal));
}

export function only<T>([row]: readonly T[]): T {
  if (row === undefined)
    throw new ToolError("not_found", "There is no such item.", { hint: "Use an id of list_items." });
  return row;
}
