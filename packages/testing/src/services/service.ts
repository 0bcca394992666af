import type { Mode } from "./mode.ts";
import { keep } from "../artifacts.ts";

/** Something real to test against. Stops at the end of its block with `await using`. */
export interface Service extends AsyncDisposable {
  readonly url: string;
  readonly mode: Mode;
  /** What it really is, for the log: an image or a path. */
  readonly describe: string;
  /** Everything it has logged so far. */
  logs(): Promise<string> | string;
  stop(): Promise<void>;
}

/** Completes a service: disposal, stopping only once, and its log among the artifacts of failing tests. */
export function service<T extends Omit<Service, keyof AsyncDisposable>>(name: string, parts: T): T & AsyncDisposable {
  const forget = keep(`${name}.log`, () => parts.logs());
  let stopped: Promise<void> | undefined;
  const stop = () => (stopped ??= forget().then(() => parts.stop()));
  return { ...parts, stop, [Symbol.asyncDispose]: stop };
}
