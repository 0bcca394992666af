import { readSync } from "node:fs";
import { ToolError } from "@mooring/core";
import type { Place, Sandbox } from "../sandbox/sandbox.ts";

/** All bytes of a regular file; throws `too_large` beyond `maxBytes`, also when it grows while it is read. */
export function readWhole(sandbox: Sandbox, place: Place, maxBytes: number): Buffer {
  using file = sandbox.openFile(place);
  if (file.entry.size > maxBytes) throw tooLarge(place, maxBytes);
  // One byte more than promised shows growth, and what says size 0 and still has content.
  const bytes = Buffer.allocUnsafe(Math.min(Math.max(file.entry.size, 4096), maxBytes) + 1);
  let length = 0;
  for (;;) {
    const read = readSync(file.fd, bytes, length, bytes.length - length, length);
    if (read === 0) return bytes.subarray(0, length);
    length += read;
    if (length === bytes.length) throw tooLarge(place, maxBytes);
  }
}

function tooLarge(place: Place, maxBytes: number): ToolError {
  return new ToolError(
    "too_large",
    `${place.shown} has more than the ${maxBytes.toLocaleString("en")} bytes a resource may have.`,
    {
      hint: "Read it page by page with the `read` tool.",
    },
  );
}
