import { type HttpApi, toolFactory } from "@mooring/core";

/** What every tool, resource and prompt of this server may use. */
export interface Deps {
  readonly api: HttpApi;
  /** Milliseconds between two looks at a resource that somebody follows. */
  readonly pollMs: number;
}

export const tool = toolFactory<Deps>();
