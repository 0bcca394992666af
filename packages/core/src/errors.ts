/** Every way a call can fail, seen from the model: what happened decides what it may try next. A closed set. */
export const errorKinds = [
  "invalid_input",
  "not_found",
  "denied",
  "confirm_required",
  "unauthenticated",
  "rate_limited",
  "unavailable",
  "timeout",
  "outcome_unknown",
  "conflict",
  "too_large",
  "cancelled",
  "internal",
] as const;
/** One of {@link errorKinds}. */
export type ErrorKind = (typeof errorKinds)[number];

/** What a {@link ToolError} says besides its kind and message. */
export interface ErrorDetails {
  /** One sentence that tells the model what to do next. */
  readonly hint?: string | undefined;
  /** Milliseconds after which the same call may succeed; said in the text too, since models see no headers. */
  readonly retryAfterMs?: number | undefined;
  /** Overrides what the kind says about repeating the same call. */
  readonly retryable?: boolean | undefined;
  readonly cause?: unknown;
}

const RETRYABLE: ReadonlySet<ErrorKind> = new Set(["rate_limited", "unavailable", "timeout"]);

/**
 * A failure the model may read: `message` is one sentence of what and why, `hint` one of what to do next.
 * Anything else that is thrown is reported as `internal`, and its text stays in the process.
 */
export class ToolError extends Error {
  override readonly name = "ToolError";
  readonly kind: ErrorKind;
  readonly hint: string | undefined;
  readonly retryAfterMs: number | undefined;
  readonly retryable: boolean;

  constructor(kind: ErrorKind, message: string, { hint, retryAfterMs, retryable, cause }: ErrorDetails = {}) {
    super(message, { cause });
    this.kind = kind;
    this.hint = hint;
    this.retryAfterMs = retryAfterMs;
    this.retryable = retryable ?? RETRYABLE.has(kind);
  }
}

/** Maps what a service client throws to a {@link ToolError}; `undefined` when it is none of its business. Total and pure. */
export type ErrorMapper = (error: unknown) => ToolError | undefined;

/** The total map from anything thrown to what a client may see. */
export function toToolError(error: unknown, map: ErrorMapper = () => undefined): ToolError {
  if (error instanceof ToolError) return error;
  const known = mapped(error, map);
  if (known) return known;
  if (error instanceof Error && error.name === "AbortError")
    return new ToolError("cancelled", "The call was cancelled.", { cause: error });
  // Deep recursion over caller-made input is the caller's fault, and the process lives on.
  if (error instanceof RangeError && /call stack/i.test(error.message))
    return new ToolError("invalid_input", "The input is nested too deeply.", { cause: error });
  return new ToolError("internal", "The call failed unexpectedly.", { cause: error });
}

/** What a mapper says; one that throws must not turn one failure into another. */
export function mapped(error: unknown, map: ErrorMapper): ToolError | undefined {
  try {
    return map(error);
  } catch {
    return undefined;
  }
}

/** The kind an HTTP status usually means (RFC 9110); services refine it with their own codes. */
export function kindOfStatus(status: number): ErrorKind {
  if (status === 401) return "unauthenticated";
  if (status === 403) return "denied";
  if (status === 404 || status === 410) return "not_found";
  if (status === 409 || status === 412) return "conflict";
  if (status === 413) return "too_large";
  if (status === 429) return "rate_limited";
  if (status === 408 || status === 504) return "timeout";
  if (status >= 500) return "unavailable";
  return "invalid_input";
}
