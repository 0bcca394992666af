import type { FileOperation } from "./file-case.ts";

/** What a server answered, or did not. */
export interface Answer {
  /** `isError`, a JSON-RPC error, or no answer in time. */
  readonly error: boolean;
  /** Text content, line by line as a model reads it; of errors, their message. */
  readonly text: string;
  /** Every other string of the answer: structured content, decoded blobs. */
  readonly strings: string;
  /** Milliseconds until it came. */
  readonly ms: number;
}

/** One running server under attack. */
export interface FileTarget {
  /** Process whose memory and time are measured, with its children. */
  readonly pid: number;
  /**
   * Maps an operation to a call. Throws `NotApplicable` when the server has no tool for it; every other failure is an
   * answer. Aborting tells the server that the answer is no longer wanted.
   */
  call(operation: FileOperation, signal: AbortSignal): Promise<Pick<Answer, "error" | "text"> & { strings?: string }>;
  /** Declares other client roots and tells the server; needed by `revoke_roots_then_read` only. */
  setClientRoots?(uris: readonly string[]): Promise<void>;
  /** What went wrong inside so far that no answer excuses: crashes, unexpected failures. Each one fails the case. */
  faults?(): readonly string[];
  close(): Promise<void>;
}

export interface TargetSettings {
  /** Allowed directories, in the order of the command line. */
  readonly roots: readonly string[];
  /** File URIs the client answers `roots/list` with; without them it declares no roots. */
  readonly clientRoots?: readonly string[] | undefined;
  /** `HOME` of the server. */
  readonly home: string;
  readonly stateDir: string;
  /** Working directory of the server. */
  readonly base: string;
}

/** Starts a fresh server. */
export type StartTarget = (settings: TargetSettings) => Promise<FileTarget>;

/** Asks with a time limit; no answer counts as an error, and the server is told. */
export async function ask(target: FileTarget, operation: FileOperation, timeoutMs: number): Promise<Answer> {
  const start = performance.now();
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(new Error("no answer in time")), timeoutMs);
  const silence = new Promise<Answer>((resolve) =>
    controller.signal.addEventListener("abort", () => resolve({ error: true, text: "", strings: "", ms: timeoutMs })),
  );
  const answer = target.call(operation, controller.signal).then(({ error, text, strings = "" }) => ({
    error,
    text,
    strings,
    ms: performance.now() - start,
  }));
  try {
    return await Promise.race([answer, silence]);
  } finally {
    clearTimeout(timer);
    // Late answers and their failures are nobody's business any more.
    answer.catch(() => undefined);
  }
}
