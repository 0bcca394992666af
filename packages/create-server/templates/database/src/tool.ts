import { toolFactory } from "@mooring/core";
import type { Database } from "./database.ts";

/** What every tool, resource and prompt of this server may use. */
export interface Deps {
  readonly database: Database;
}

export const tool = toolFactory<Deps>();
