import { type HttpApi, toolFactory } from "@mooring/core";

/** What every tool, resource and prompt of this server may use. */
export interface Deps {
  readonly api: HttpApi;
  // begin: samples
  /** Milliseconds between two looks at a ticket that somebody follows. */
  readonly pollMs: number;
  // end: samples
}

export const tool = toolFactory<Deps>();
