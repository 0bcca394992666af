import { createRequire } from "node:module";
import fc from "fast-check";
import { expect, test } from "vitest";
import { bind, describe, execute, parse, sync } from "../../src/connection/messages.ts";

// The driver's own writer is the oracle.
const { serialize } = createRequire(createRequire(import.meta.url).resolve("pg"))("pg-protocol") as {
  serialize: {
    parse(query: { name: string; text: string; types: number[] }): Buffer;
    bind(config: { portal: string; statement: string; values: readonly (string | null)[] }): Buffer;
    execute(config: { portal: string; rows: number }): Buffer;
    describe(message: { type: string; name: string }): Buffer;
    sync(): Buffer;
  };
};
const text = fc.string({ unit: "grapheme" }).filter((value) => value.isWellFormed() && !value.includes("\0"));

test("messages are those of the driver", () => {
  fc.assert(
    fc.property(text, text, fc.array(fc.option(text)), fc.nat(), (sql, name, values, rows) => {
      expect(parse(sql, name)).toEqual(serialize.parse({ name, text: sql, types: [] }));
      expect(parameters(bind(values, name))).toEqual(
        parameters(serialize.bind({ portal: "", statement: name, values })),
      );
      expect(execute(rows)).toEqual(serialize.execute({ portal: "", rows }));
    }),
  );
  expect(describe).toEqual(serialize.describe({ type: "P", name: "" }));
  expect(sync).toEqual(serialize.sync());
});

/** Both ways of saying "all as text" mean the same: no format codes, or one for each. What follows them has to be equal. */
function parameters(message: Buffer): unknown {
  let at = message.indexOf(0, 5) + 1;
  at = message.indexOf(0, at) + 1;
  const codes = message.readInt16BE(at);
  const formats = Array.from({ length: codes }, (_, i) => message.readInt16BE(at + 2 + 2 * i));
  expect(formats.every((format) => format === 0)).toBe(true);
  at += 2 + 2 * codes;
  let end = at + 2;
  for (let i = message.readInt16BE(at); i > 0; i--) end += 4 + Math.max(0, message.readInt32BE(end));
  const results = message.readInt16BE(end);
  expect(
    Array.from({ length: results }, (_, i) => message.readInt16BE(end + 2 + 2 * i)).every((code) => code === 0),
  ).toBe(true);
  expect(message.readInt32BE(1)).toBe(message.length - 1);
  expect(message.length).toBe(end + 2 + 2 * results);
  return [message.subarray(5, at - 2 - 2 * codes), message.subarray(at, end)];
}
