import { ToolError } from "@mooring/core";
import type { RowSet } from "../row-set.ts";
import { requestCancel } from "./cancel.ts";
import { Flush, type FlushOptions, type Statement } from "./flush.ts";
import type { Lease } from "./pool.ts";

/** Bytes that an answer may take on the wire: one cell may hold a gigabyte, and the driver reads it whole. */
const MAX_WIRE = 16_000_000;
/** How long a cancelled statement may take to end before its connection is cut, in milliseconds. */
const CANCEL_GRACE = 2_000;

/** A lease that somebody gave up on: it is closed when it comes back. */
export const spoilt = new WeakSet<Lease>();

/**
 * Runs one statement and ends it in the server when the signal does, or when its answer grows too large.
 * Throws what PostgreSQL answers, the signal's reason, `too_large`, and `timeout` after `patience` milliseconds (0: never).
 */
export async function running(
  lease: Lease,
  statement: Statement,
  options: FlushOptions,
  signal: AbortSignal,
  patience = 0,
): Promise<RowSet> {
  const flush = new Flush(statement, options);
  const from = lease.wire.bytes;
  let cut: ToolError | undefined;
  lease.wire.onBytes = (bytes) => {
    if (cut || bytes - from <= MAX_WIRE) return;
    cut = new ToolError("too_large", `The answer is larger than ${MAX_WIRE / 1e6} MB before it is cut to rows.`, {
      hint: "Select fewer or shorter columns: left(column, 200), or length(column).",
    });
    stop(lease);
    // The rest would be read for nothing.
    lease.client.connection.stream.destroy();
  };
  const overdue =
    patience > 0
      ? setTimeout(() => {
          cut ??= uninterrupted();
          stop(lease);
        }, patience)
      : undefined;
  const onNotice = ({ message }: { message?: string | undefined }) => flush.notice(message ?? "");
  const onAbort = () => stop(lease);
  lease.client.on("notice", onNotice);
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    signal.throwIfAborted();
    lease.client.query(flush);
    return await flush.done;
  } catch (error) {
    if (cut) throw cut;
    signal.throwIfAborted();
    throw error;
  } finally {
    clearTimeout(overdue);
    signal.removeEventListener("abort", onAbort);
    lease.client.off("notice", onNotice);
    lease.wire.onBytes = undefined;
  }
}

/** What is said of a statement that the server should have ended long ago. */
export function uninterrupted(): ToolError {
  return new ToolError("timeout", "The statement took too long, and the server does not interrupt it.", {
    hint: "Ask for less: the server goes on with it until it is done.",
    retryable: false,
  });
}

/** Ends what runs on a connection, by the protocol and then by force; the connection is not used again. */
export function stop(lease: Lease): void {
  if (spoilt.has(lease)) return;
  spoilt.add(lease);
  void requestCancel(lease);
  const force = setTimeout(() => lease.client.connection.stream.destroy(), CANCEL_GRACE);
  lease.client.once("end", () => clearTimeout(force));
}
