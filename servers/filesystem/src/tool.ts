import { toolFactory } from "@mooring/core";
import type { Journal } from "./journal/journal.ts";
import type { Sandbox } from "./sandbox/sandbox.ts";
import type { SearchEngine } from "./search/engine.ts";
import type { Watcher } from "./watch/watcher.ts";

/** What every tool and resource of this server may use. */
export interface Deps {
  readonly sandbox: Sandbox;
  readonly journal: Journal;
  readonly search: SearchEngine;
  readonly watcher: Watcher;
  /** `--encoding`: how to read text that is neither UTF-8 nor UTF-16. */
  readonly encoding?: string | undefined;
  /** What the operator allows, for `list` to say; core enforces it. */
  readonly access?: "read" | "write" | "full";
}

export const tool = toolFactory<Deps>();
