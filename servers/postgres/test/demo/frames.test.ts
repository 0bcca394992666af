import { describe, expect, it } from "vitest";
import { createFrames, type Frame } from "../../src/demo/frames.ts";

/** A message with its type, or a packet without one. */
function message(type: string, body: Buffer): Buffer {
  const head = Buffer.alloc(type.length + 4, type);
  head.writeInt32BE(body.length + 4, type.length);
  return Buffer.concat([head, body]);
}
const code = (value: number) => message("", Buffer.from(Uint8Array.of(value >> 24, value >> 16, value >> 8, value)));
const startup = message("", Buffer.from("\0\x03\0\0user\0ann\0\0", "latin1"));
const query = (sql: string) => message("Q", Buffer.from(`${sql}\0`));
const TERMINATE = message("X", Buffer.alloc(0));

const seen = (frames: Frame[]) =>
  frames.map((frame) => ("bytes" in frame ? [frame.type, Buffer.from(frame.bytes).toString("latin1")] : [frame.type]));

describe("cutting a client's bytes", () => {
  it.each([1, 2, 3, 5, 7, 1000])("finds the same messages in chunks of %i bytes", (size) => {
    const sent = Buffer.concat([code(80_877_103), startup, query("select 1"), query("select 2"), TERMINATE]);
    const frames = createFrames();
    const found: Frame[] = [];
    for (let at = 0; at < sent.length; at += size) found.push(...frames.add(sent.subarray(at, at + size)));
    const messages = found.flatMap((frame) => (frame.type === "messages" ? [Buffer.from(frame.bytes)] : []));
    expect(Buffer.concat(messages)).toEqual(Buffer.concat([query("select 1"), query("select 2")]));
    expect(found.map(({ type }) => type).filter((type) => type !== "messages")).toEqual([
      "encrypt",
      "startup",
      "terminate",
    ]);
  });

  it("keeps messages that come together together", () => {
    const frames = createFrames();
    frames.add(startup);
    const both = Buffer.concat([query("a"), query("b"), query("half").subarray(0, 3)]);
    expect(seen(frames.add(both))).toEqual([["messages", Buffer.concat([query("a"), query("b")]).toString("latin1")]]);
    expect(seen(frames.add(query("half").subarray(3)))).toEqual([["messages", query("half").toString("latin1")]]);
  });

  it("knows a cancel request, and hands nothing on behind a goodbye", () => {
    expect(
      seen(createFrames().add(message("", Buffer.from("\x04\xd2\x16\x2e\0\0\0\x2a\0\0\0\x07", "latin1")))),
    ).toEqual([["cancel"]]);
    const frames = createFrames();
    frames.add(startup);
    expect(seen(frames.add(Buffer.concat([TERMINATE, query("late")])))).toEqual([["terminate"]]);
  });

  it("copies what it hands on: the caller may reuse its buffer", () => {
    const frames = createFrames();
    frames.add(startup);
    const chunk = query("select 1");
    const [frame] = frames.add(chunk);
    chunk.fill(0);
    expect(frame?.type === "messages" && frame.bytes[0]).toBe(0x51);
  });

  it.each([
    ["shorter than its own length", Buffer.from([0, 0, 0, 3])],
    ["negative", Buffer.from([0xff, 0, 0, 0])],
    ["over a gigabyte", Buffer.from([0x7f, 0, 0, 0])],
  ])("refuses a length that is %s", (_, bytes) => {
    expect(() => createFrames().add(bytes)).toThrow(RangeError);
  });
});
