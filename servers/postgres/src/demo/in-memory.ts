import type { Deps } from "../tool.ts";

/** What an answer says of what it has committed, where nothing keeps it; empty where it stays. */
export function inMemory({ passing }: Pick<Deps, "passing">): string {
  return passing?.() === true ? "The demo is in memory: this ends with the server." : "";
}
