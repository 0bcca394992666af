/** What the database's thread is started with. */
export interface DemoWorkerData {
  /** The data directory; `undefined`: in memory. */
  readonly directory: string | undefined;
  /** It is new: create and fill it. */
  readonly seed: boolean;
  /** Bytes on their way to the client, so that a result nobody reads does not fill the memory. */
  readonly inFlight: SharedArrayBuffer;
}

export type ToWorker =
  /** A client has connected: its startup packet. */
  | { readonly type: "connect"; readonly bytes: Uint8Array }
  /** Whole messages of the protocol. */
  | { readonly type: "run"; readonly bytes: Uint8Array }
  | { readonly type: "close" };

/** What a boot does, in order. */
export const stages = ["Loading PostgreSQL", "Creating the demo database", "Filling it", "Starting it"] as const;
export type Stage = (typeof stages)[number];

export type FromWorker =
  | { readonly type: "stage"; readonly stage: Stage }
  | { readonly type: "ready" }
  /** The package is not there. */
  | { readonly type: "missing" }
  | { readonly type: "failed"; readonly reason: string }
  | { readonly type: "bytes"; readonly bytes: Uint8Array }
  /** The last `connect` or `run` is done; with the last bytes, so that nobody hears of the end before it is one. */
  | { readonly type: "done"; readonly bytes: Uint8Array | undefined; readonly refused: boolean }
  | { readonly type: "closed" };
