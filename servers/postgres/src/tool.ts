import { promptFactory, resourceFactory, toolFactory } from "@mooring/core";
import type { Databases } from "./database.ts";
import type { Config } from "./options.ts";

/** What every tool, resource and prompt of this server may use. */
export interface Deps {
  readonly databases: Databases;
  readonly config: Config;
  /** Where state is kept: the demo's data, exports. */
  readonly stateDir: string;
  /** Starts the embedded demo, where that is what is served. */
  boot?(progress: (done: number, total: number, message: string) => void): Promise<void>;
  /** What is written ends with the server: the demo, where its folder cannot be used. */
  passing?(): boolean;
}

export const tool = toolFactory<Deps>();
export const resource = resourceFactory<Deps>();
export const prompt = promptFactory<Deps>();
