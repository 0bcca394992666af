import { ToolError } from "@mooring/core";
import type { Connection, Submittable } from "pg";
import { bind, execute, parse, sync } from "./messages.ts";
import type { Lease } from "./pool.ts";
import { stop, uninterrupted } from "./running.ts";

/** Bytes that one row may take on the wire: the driver reads it whole. */
const MAX_ROW = 32_000_000;

type OnChunk = (chunk: Uint8Array) => void | Promise<void>;

/**
 * Streams a proved query as CSV. COPY stands around the text on lines of its own, so that a comment at its end hides nothing;
 * the caller has had the whole parsed again. Takes no longer than the reader: the socket rests while `onChunk` does.
 * Throws as `running` does.
 * https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-COPY
 */
export async function copying(
  lease: Lease,
  sql: string,
  limits: readonly string[],
  onChunk: OnChunk,
  signal: AbortSignal,
  patience: number,
): Promise<{ readonly rows: number }> {
  const copy = new Copy(copyText(sql), onChunk);
  let cut: ToolError | undefined;
  let from = 0;
  copy.onRow = () => (from = lease.wire.bytes);
  lease.wire.onBytes = (bytes) => {
    if (cut || bytes - from <= MAX_ROW) return;
    cut = new ToolError("too_large", `A row is larger than ${MAX_ROW / 1e6} MB.`, {
      hint: "Select shorter columns: left(column, 200), or length(column).",
    });
    stop(lease);
    lease.client.connection.stream.destroy();
  };
  const overdue =
    patience > 0
      ? setTimeout(() => {
          cut ??= uninterrupted();
          stop(lease);
        }, patience)
      : undefined;
  const onAbort = () => stop(lease);
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    signal.throwIfAborted();
    await lease.client.query("BEGIN READ ONLY");
    for (const limit of limits) await lease.client.query(limit);
    lease.client.query(copy);
    const rows = await copy.done;
    await lease.client.query("ROLLBACK");
    return { rows };
  } catch (error) {
    if (cut) throw cut;
    signal.throwIfAborted();
    throw error;
  } finally {
    clearTimeout(overdue);
    signal.removeEventListener("abort", onAbort);
    lease.wire.onBytes = undefined;
  }
}

/** The one wrapper around text of others: parsed again before it runs. */
export function copyText(sql: string): string {
  return `COPY (\n${sql}\n) TO STDOUT WITH (FORMAT csv, HEADER true)`;
}

/** Bytes given on at once. */
const CHUNK = 262_144;

class Copy implements Submittable {
  readonly done: Promise<number>;
  /** Called for each row, before its bytes are counted. */
  onRow: (() => void) | undefined;
  readonly #text: string;
  readonly #onChunk: OnChunk;
  #held = Buffer.allocUnsafe(CHUNK);
  #bytes = 0;
  #rows = 0;
  #writing: Promise<void> = Promise.resolve();
  #failed: unknown;
  #stream: Connection["stream"] | undefined;
  #resolve!: (rows: number) => void;
  #reject!: (error: unknown) => void;

  constructor(text: string, onChunk: OnChunk) {
    this.#text = text;
    this.#onChunk = onChunk;
    this.done = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  submit(connection: Connection): void {
    this.#stream = connection.stream;
    connection.stream.write(Buffer.concat([parse(this.#text), bind(), execute(), sync]));
  }

  handleRowDescription(): void {}
  handleDataRow(): void {}
  handlePortalSuspended(): void {}
  handleEmptyQuery(): void {}
  handleCopyInResponse(): void {}

  // One message a row: they are gathered, since a write for each of a million rows costs more than the rows. Copied at once:
  // the driver uses its memory again.
  handleCopyData({ chunk }: { readonly chunk: Uint8Array }): void {
    this.onRow?.();
    if (this.#bytes + chunk.length > this.#held.length) {
      if (this.#bytes > 0) this.#pass();
      if (chunk.length > CHUNK) this.#held = Buffer.allocUnsafe(chunk.length);
    }
    this.#held.set(chunk, this.#bytes);
    this.#bytes += chunk.length;
  }

  #pass(): void {
    const chunk = this.#held.subarray(0, this.#bytes);
    this.#held = Buffer.allocUnsafe(CHUNK);
    this.#bytes = 0;
    const written = this.#onChunk(chunk);
    if (written === undefined) return;
    this.#stream?.pause();
    this.#writing = written.then(
      () => void this.#stream?.resume(),
      (error: unknown) => {
        this.#failed ??= error;
        this.#stream?.destroy(error instanceof Error ? error : undefined);
      },
    );
  }

  handleCommandComplete({ text }: { readonly text: string }): void {
    this.#rows = Number(text.split(" ").at(-1));
  }

  handleError(error: unknown): void {
    this.#reject(this.#failed ?? error);
  }

  handleReadyForQuery(): void {
    if (this.#bytes > 0) this.#pass();
    this.#writing.then(
      () => (this.#failed === undefined ? this.#resolve(this.#rows) : this.#reject(this.#failed)),
      this.#reject,
    );
  }
}
