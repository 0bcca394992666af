import type { Readable } from "node:stream";

const NEWLINE = 10;

/** Calls `onLine` with each line of a stream, without its end. Blank lines, and a last one that was never ended, are left out. */
export function readLines(stream: Readable, onLine: (line: Buffer) => void): void {
  let parts: Buffer[] = [];
  stream.on("data", (chunk: Buffer) => {
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, start)) {
      const last = chunk.subarray(start, end);
      const line = parts.length === 0 ? last : Buffer.concat([...parts, last]);
      parts = [];
      start = end + 1;
      if (line.length > 1 || (line.length === 1 && line[0] !== 13)) onLine(line);
    }
    if (start < chunk.length) parts.push(chunk.subarray(start));
  });
}

const ended = Buffer.from("\n");

/** A line as it is written. */
export function withEnd(line: Buffer): Buffer {
  return Buffer.concat([line, ended]);
}
