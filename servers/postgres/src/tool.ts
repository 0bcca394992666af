import { promptFactory, resourceFactory, toolFactory } from "@mooring/core";
import type { Databases } from "./database.ts";
import type { Config } from "./options.ts";

/** What every tool, resource and prompt of this server may use. */
export interface Deps {
  readonly databases: Databases;
  readonly config: Config;
  /** Where state is kept: the demo's data, exports. */
  readonly stateDir: string;
}

export const tool = toolFactory<Deps>();
export const resource = resourceFactory<Deps>();
export const prompt = promptFactory<Deps>();
