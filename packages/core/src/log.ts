import { jsonLine, oneLine } from "./json-line.ts";
import { loggable } from "./log-fields.ts";
import type { Redactor } from "./redact.ts";
import { type LogSink, stderrSink } from "./stderr-sink.ts";

export const logLevels = ["silent", "error", "warn", "info", "debug"] as const;
export type LogLevel = (typeof logLevels)[number];
type RecordLevel = Exclude<LogLevel, "silent">;

export type LogFields = Readonly<Record<string, unknown>>;

/** Structured log lines; a disabled level costs a call of an empty function. No method throws. */
export interface Log {
  error(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  debug(message: string, fields?: LogFields): void;
  /** The same log with `fields` on each line. */
  child(fields: LogFields): Log;
  /** Whether lines of that level are written: guards work that only a line needs. */
  enabled(level: LogLevel): boolean;
}

export interface LogOptions {
  /** The least severe level that is written. */
  readonly level: LogLevel;
  readonly redactor: Redactor;
  /** Where a finished line goes, without its newline. Default: stderr, since stdout belongs to the protocol. */
  readonly sink?: LogSink;
  /** `json` (default) for machines, `text` for a person at a terminal. */
  readonly format?: "json" | "text";
  /** The correlation id of the call that is running, if any: the `ref` of lines that name none. */
  readonly ref?: () => string | undefined;
}

/**
 * One line per record: `{"ts":…,"level":…,"msg":…, …fields}`. Texts are masked and bounded, control characters escaped;
 * errors are reduced to name, message and code, with a stack only at level `debug`.
 */
export function createLog({ level, redactor, sink = stderrSink(), format = "json", ref }: LogOptions): Log {
  const threshold = logLevels.indexOf(level);
  const options = { redactor, stacks: level === "debug" };
  const enabled = (each: LogLevel) => each !== "silent" && logLevels.indexOf(each) <= threshold;
  const line = format === "json" ? jsonLine : textLine;

  function withFields(base: LogFields): Log {
    function writer(each: RecordLevel) {
      if (!enabled(each)) return ignore;
      return (message: string, fields?: LogFields) => {
        try {
          const running = ref?.();
          const own = fields && (loggable(fields, options) as LogFields);
          const head = { ts: new Date().toISOString(), level: each, msg: loggable(String(message), options) };
          // twice: first for the order, last so that no field replaces them
          sink(line({ ...head, ...base, ...(running !== undefined && { ref: running }), ...own, ...head }));
        } catch {
          // A sink that fails must not fail the call that is logged.
        }
      };
    }
    return {
      error: writer("error"),
      warn: writer("warn"),
      info: writer("info"),
      debug: writer("debug"),
      child: (fields) => withFields({ ...base, ...(loggable(fields, options) as LogFields) }),
      enabled,
    };
  }
  return withFields({});
}

function textLine({ ts, level, msg, ...fields }: Readonly<Record<string, unknown>>): string {
  const rest = Object.keys(fields).length > 0 ? ` ${jsonLine(fields)}` : "";
  return `${String(ts)} ${String(level).toUpperCase().padEnd(5)} ${oneLine(String(msg))}${rest}`;
}

function ignore(): void {}
