/** Text that may wait for a host that does not read stderr. */
const MOST_WAITING = 1 << 20;

export type LogSink = (line: string) => void;

/**
 * Writes lines to stderr. Never throws and never fills the memory: when the reader is gone lines are lost, when it is slow
 * those beyond 1 MiB are dropped, and a line says how many.
 */
export function stderrSink(stream: NodeJS.WriteStream = process.stderr): LogSink {
  let dropped = 0;
  // Without a listener a closed pipe (EPIPE) would end the process.
  if (!stream.listeners("error").includes(ignore)) stream.on("error", ignore);
  return (line) => {
    try {
      if (stream.writableLength > MOST_WAITING) {
        dropped++;
        return;
      }
      if (dropped > 0) {
        const count = dropped;
        dropped = 0;
        stream.write(
          `${JSON.stringify({ ts: new Date().toISOString(), level: "warn", msg: "log lines dropped: stderr is not read", dropped: count })}\n`,
        );
      }
      stream.write(`${line}\n`);
    } catch {
      // A log line is never worth a call.
    }
  };
}

function ignore(): void {}
