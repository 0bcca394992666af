import type { Readable } from "node:stream";

/** Collects what a stream says, of which the last `limit` characters are kept; the stream is never held up. */
export function tail(stream: Readable, limit = 1_000_000): () => string {
  let text = "";
  stream.setEncoding("utf8");
  stream.on("data", (chunk: string) => {
    text += chunk;
    if (text.length > 2 * limit) text = text.slice(-limit);
  });
  // A pipe that breaks has said all it will say.
  stream.on("error", () => {});
  return () => text.slice(-limit);
}
