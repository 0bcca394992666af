import { randomBytes } from "node:crypto";
import { closeSync, constants, fdatasyncSync, fstatSync, ftruncateSync, openSync, writeSync } from "node:fs";
import { makeFolder } from "./make-folder.ts";
import { hostname } from "node:os";
import { join } from "node:path";
import { NO_PREVIOUS, sealed, sha256 } from "./audit-line.ts";
import { canonical } from "./canonical.ts";
import { type ErrorKind, ToolError } from "./errors.ts";
import type { Log } from "./log.ts";
import type { Redactor } from "./redact.ts";
import type { Access } from "./tool.ts";

/** What one call leaves behind. Arguments are written as a hash, never as they are. */
export interface AuditRecord {
  /** `intent`: before a destructive call runs; `outcome`: after any call; `denied`: instead of one. */
  readonly kind: "intent" | "outcome" | "denied";
  /** Correlation id: an intent and its outcome have the same. */
  readonly ref: string;
  readonly principal: string;
  readonly client?: string;
  readonly tool: string;
  readonly access: Access;
  /** Hashed: SHA-256 of the JSON with sorted keys. */
  readonly args?: unknown;
  readonly decision?: string;
  readonly confirmedBy?: "person" | "host";
  readonly outcome?: "ok" | ErrorKind;
  readonly ms?: number;
  readonly bytes?: number;
  /** Ties the rounds of one confirmation together. */
  readonly interaction?: string;
}

export interface Audit {
  /**
   * An intent is on the disk when this returns; other records are in the file at {@link flush}, or after this tick.
   * @throws ToolError `unavailable` for an intent that cannot be written, where `onError` is `block`. Nothing else throws.
   */
  write(record: AuditRecord): void;
  /** Puts waiting records into the file: called before an answer leaves. Never throws. */
  flush(): void;
  /** Writes what is left and ends the file. Never throws. */
  close(): void;
}

export interface AuditOptions {
  /** Made with mode 0700 where it does not exist. */
  readonly dir: string;
  readonly server: string;
  readonly version: string;
  readonly redactor: Redactor;
  /** What becomes of a destructive call whose intent cannot be written: refused, or run with a warning in the log. */
  readonly onError: "block" | "warn";
  readonly log: Log;
}

/** Records kept while the disk takes none; older ones are lost, and the next record says how many. */
const MOST_WAITING = 1_000;

/**
 * Opens this process's audit log: one file of JSON lines, each with the hash of the one before. It is tamper-evident
 * within a file: a changed, removed, added or moved line is found by {@link verifyAudit}. A cut tail is not visible, nor is
 * a file that was removed or rewritten as a whole; records shipped elsewhere as they are written close that gap.
 * @throws the file system's error when the directory or the file cannot be made.
 */
export function openAudit({ dir, server, version, redactor, onError, log }: AuditOptions): Audit {
  makeFolder(dir);
  const name = `${hostname().replaceAll(/[^\w.-]/g, "_")}-${process.pid}-${randomBytes(6).toString("hex")}`;
  const { O_WRONLY, O_APPEND, O_CREAT, O_EXCL } = constants;
  const fd = openSync(join(dir, `${name}.jsonl`), O_WRONLY | O_APPEND | O_CREAT | O_EXCL, 0o600);

  let open = true;
  let failing = false;
  let damaged = false;
  let seq = 0;
  let prev = NO_PREVIOUS;
  let waiting: Readonly<Record<string, unknown>>[] = [];
  let lost = 0;
  let scheduled = false;

  try {
    append([{ ts: now(), kind: "start", server: safe(server), version: safe(version), node: process.version }]);
  } catch (error) {
    closeSync(fd);
    throw error;
  }

  function append(records: readonly Readonly<Record<string, unknown>>[]): void {
    if (damaged) throw new Error("The audit file ends in half a line that cannot be removed.");
    let lines = "";
    let head = prev;
    let next = seq;
    for (const record of records) {
      const { line, hash } = sealed({ v: 1, seq: next++, log: name, ...record, prev: head });
      lines += `${line}\n`;
      head = hash;
    }
    const bytes = Buffer.from(lines);
    const written = writeSync(fd, bytes);
    if (written < bytes.length) {
      removeTail(written);
      throw new Error(`Only ${written} of ${bytes.length} bytes were written: the disk may be full.`);
    }
    seq = next;
    prev = head;
  }

  // Half a line would break the chain for all that follows.
  function removeTail(length: number): void {
    try {
      ftruncateSync(fd, fstatSync(fd).size - length);
    } catch {
      damaged = true;
    }
  }

  function put(durable: boolean): void {
    if (waiting.length === 0) return;
    if (failing) {
      // One line tells whether the disk takes any again; sealing all that waits at every call would be slow.
      const missing = lost;
      move(1);
      failing = false;
      log.warn("audit log writable again", { lost: missing });
    }
    move(waiting.length);
    if (durable) fdatasyncSync(fd);
  }

  function move(count: number): void {
    const records = waiting.slice(0, count);
    if (records.length === 0) return;
    if (lost > 0) records[0] = { ...records[0], lost };
    append(records);
    waiting = waiting.slice(count);
    lost = 0;
  }

  function failed(error: unknown): void {
    if (waiting.length > MOST_WAITING) {
      lost += waiting.length - MOST_WAITING;
      waiting = waiting.slice(-MOST_WAITING);
    }
    if (!failing) log.error("audit log not writable", { dir, error });
    failing = true;
  }

  function flush(): void {
    if (!open) return;
    try {
      put(false);
    } catch (error) {
      failed(error);
    }
  }

  // Records are masked like log lines, and bounded: names of unknown tools and clients are the caller's text.
  function safe(text: string): string {
    return redactor.record(text.slice(0, 65_536)).slice(0, 256);
  }

  function fields(record: AuditRecord): Readonly<Record<string, unknown>> {
    const { kind, ref, principal, client, tool, access, args, decision, confirmedBy, outcome, ms, bytes, interaction } =
      record;
    return {
      ts: now(),
      kind,
      ref: safe(ref),
      principal: safe(principal),
      ...(client !== undefined && { client: safe(client) }),
      tool: safe(tool),
      access,
      ...(args !== undefined && { argsHash: hashOf(args) }),
      ...(decision !== undefined && { decision: safe(decision) }),
      ...(confirmedBy !== undefined && { confirmedBy }),
      ...(outcome !== undefined && { outcome }),
      ...(ms !== undefined && { ms }),
      ...(bytes !== undefined && { bytes }),
      ...(interaction !== undefined && { interaction: safe(interaction) }),
    };
  }

  return {
    write(record) {
      if (!open) return;
      waiting.push(fields(record));
      if (record.kind === "intent") {
        try {
          put(true);
        } catch (error) {
          failed(error);
          if (onError === "warn") return;
          // The call is refused: a later write must not claim that it was about to run.
          waiting.pop();
          throw new ToolError("unavailable", "The call was not made: its audit record cannot be written.", {
            hint: "Ask whoever runs the server to look at the disk of its audit folder.",
            cause: error,
          });
        }
      } else if (!scheduled) {
        scheduled = true;
        setImmediate(() => {
          scheduled = false;
          flush();
        });
      }
    },
    flush,
    close() {
      if (!open) return;
      flush();
      open = false;
      try {
        fdatasyncSync(fd);
      } catch (error) {
        log.error("audit log not on the disk", { dir, error });
      }
      closeSync(fd);
    },
  };
}

function now(): string {
  return new Date().toISOString();
}

function hashOf(args: unknown): string {
  try {
    return `sha256:${sha256(canonical(args))}`;
  } catch {
    // Arguments of a refused call may be nested past what the stack holds.
    return "unhashable";
  }
}
