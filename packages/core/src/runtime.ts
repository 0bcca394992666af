import type { AccessLevel } from "./access.ts";
import type { Audit } from "./audit.ts";
import type { Cache } from "./cache.ts";
import type { Confirmation } from "./confirm.ts";
import type { Call } from "./call.ts";
import type { ServerDefinition } from "./definition.ts";
import type { Log } from "./log.ts";
import type { Redactor } from "./redact.ts";
import type { RenameNotice } from "./renamed.ts";
import type { Telemetry } from "./telemetry.ts";
import type { Slots } from "./slots.ts";
import type { CallContext } from "./tool.ts";

/** How an operator runs a server; everything has a default. */
export interface RuntimeOptions {
  readonly access?: AccessLevel;
  readonly toolsets?: readonly string[] | undefined;
  readonly tools?: readonly string[] | undefined;
  readonly exclude?: readonly string[] | undefined;
  /** Tools that the credential cannot serve, and why: left out. Remembered from an earlier run, never asked for here. */
  readonly hidden?: ReadonlyMap<string, string> | undefined;
  readonly prefix?: string | undefined;
  readonly confirm?: "elicit" | "host";
  readonly structured?: boolean;
  /** Milliseconds. Default: 60,000. */
  readonly timeout?: number;
  /** Calls at once of one principal; 0 lifts the cap. Default: 256. */
  readonly concurrency?: number;
  readonly log?: Log;
  readonly redactor?: Redactor;
  readonly audit?: Audit;
  readonly telemetry?: Telemetry | undefined;
  /** At least 32 bytes, shared by replicas; random per process by default. */
  readonly stateKey?: Uint8Array | string;
  /** The account that the server acts as, for questions to a person. */
  readonly account?: string;
}

/** What the stages share: one per process. */
// The dependencies are the handlers' business.
export interface Runtime {
  readonly definition: ServerDefinition<never>;
  readonly options: RuntimeOptions;
  readonly access: AccessLevel;
  readonly prefix: string;
  readonly log: Log;
  readonly renamed: RenameNotice;
  readonly redactor: Redactor;
  readonly telemetry: Telemetry | undefined;
  readonly audit: Audit | undefined;
  readonly cache: Cache;
  readonly confirmation: Confirmation;
  readonly slots: Slots;
  /** Calls that have not been answered. */
  readonly inflight: { count: number; readonly waiting: (() => void)[] };
  context(call: Call): CallContext;
}
