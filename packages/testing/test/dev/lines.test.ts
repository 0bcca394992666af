import { PassThrough } from "node:stream";
import { expect, test } from "vitest";
import { readLines, withEnd } from "../../src/dev/lines.ts";

test("lines come whole and exact, however they are cut", () => {
  const text = '{"a":"é\u2028"}\n\n\r\n{"b":1}\r\nlast';
  const bytes = Buffer.from(text);
  for (let size = 1; size <= bytes.length; size++) {
    const stream = new PassThrough();
    const lines: string[] = [];
    readLines(stream, (line) => lines.push(line.toString("utf8")));
    for (let at = 0; at < bytes.length; at += size) stream.emit("data", bytes.subarray(at, at + size));
    expect(lines).toEqual(['{"a":"é\u2028"}', '{"b":1}\r']);
  }
});

test("a line gets its end back", () => {
  expect(withEnd(Buffer.from("{}")).toString()).toBe("{}\n");
});
