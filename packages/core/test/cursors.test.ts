import fc from "fast-check";
import { expect, test } from "vitest";
import { createCursors } from "../src/cursors.ts";
import { ToolError } from "../src/errors.ts";

interface Position {
  readonly skip: number;
  readonly after?: string;
}
const bound = { principal: "local", sql: "select 1", params: ["a"] };

test("a position comes back for the same call, whatever the order of its members", () => {
  const cursors = createCursors<Position>();
  const cursor = cursors.seal({ skip: 200, after: "ünï" }, bound);
  expect(cursors.open(cursor, { params: ["a"], sql: "select 1", principal: "local" })).toEqual({
    skip: 200,
    after: "ünï",
  });
  expect(cursor).toMatch(/^[\w-]+\.[\w-]{22}$/);
});

test.for([
  ["another principal", { ...bound, principal: "token-1" }],
  ["other parameters", { ...bound, params: ["b"] }],
  ["nothing", undefined],
] as const)("a cursor of %s is refused", ([, other]) => {
  const cursors = createCursors<Position>();
  const open = () => cursors.open(cursors.seal({ skip: 1 }, bound), other);
  expect(open).toThrow(ToolError);
  expect(open).toThrow("does not belong to this call");
});

test("with the same key another process opens it, with another key nobody", () => {
  const key = "k".repeat(32);
  const cursor = createCursors<Position>(key).seal({ skip: 7 }, bound);
  expect(createCursors<Position>(key).open(cursor, bound)).toEqual({ skip: 7 });
  expect(() => createCursors<Position>().open(cursor, bound)).toThrow(ToolError);
  expect(() => createCursors("short")).toThrow(RangeError);
});

test("no changed cursor opens, and nothing but a ToolError is thrown", () => {
  const cursors = createCursors<Position>();
  const cursor = cursors.seal({ skip: 1 }, bound);
  const changed = fc.tuple(fc.nat(cursor.length - 1), fc.constantFrom("a", "B", "0", "_", "-", ".")).map(([at, to]) => {
    return cursor.slice(0, at) + to + cursor.slice(at + 1);
  });
  fc.assert(
    fc.property(fc.oneof(changed, fc.string(), fc.constant(`${cursor}.x`)), (text) => {
      // The last character of 22 holds four bits that say nothing.
      fc.pre(text.slice(0, -1) !== cursor.slice(0, -1));
      expect(() => cursors.open(text, bound)).toThrow(ToolError);
    }),
  );
});
