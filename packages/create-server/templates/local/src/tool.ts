import { toolFactory } from "@mooring/core";
import type { Notes } from "./notes.ts";

/** What every tool, resource and prompt of this server may use. */
export interface Deps {
  readonly notes: Notes;
  /** Milliseconds between two looks at a note that somebody follows. */
  readonly pollMs: number;
}

export const tool = toolFactory<Deps>();
