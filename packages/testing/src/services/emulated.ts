import type { Mode } from "./mode.ts";
import type { Service } from "./service.ts";

/** What an emulated API answers instead of the truth; the first one that matches and has `times` left applies. */
export interface Fault {
  /** Prefix of the path; everything when left out. */
  readonly match?: string;
  readonly method?: string;
  /** How often; for good when left out. */
  readonly times?: number;
  /** Without it the request goes through, after `delayMs`. */
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly delayMs?: number;
  /** Resets the connection. */
  readonly abort?: boolean;
}

/** One request that arrived. */
export interface Hit {
  readonly method: string;
  readonly url: string;
}

/** An emulated API. The emulator keeps its state in memory; one test's data ends with `reset()`. */
export interface Emulated extends Service {
  /** A token of the user `octocat`. */
  readonly token: string;
  /** Back to the seed: forgets data, faults and hits. */
  reset(): Promise<void>;
  /** Replaces the faults; `[]` ends them. */
  faults(faults: readonly Fault[]): Promise<void>;
  /** What has arrived since the last reset, in order. */
  hits(): Promise<readonly Hit[]>;
}

/** What a provider gives: the API's own address and the address of its control port. */
export interface EmulatorServer {
  readonly url: string;
  readonly control: string;
  readonly mode: Mode;
  readonly describe: string;
  logs(): string;
  stop(): Promise<void>;
}
