import { closeSync, constants, mkdirSync, mkdtempSync, openSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { denyPolicy } from "../../src/sandbox/deny.ts";
import { contentSearch } from "../../src/search/content.ts";
import { checkedOpener, pinnedOpener } from "../../src/search/open.ts";
import { compilePattern } from "../../src/search/pattern.ts";
import { comparePositions, type Position, type Range } from "../../src/search/position.ts";
import { type Found, nothingSkipped, type Query, type SearchRoot } from "../../src/search/protocol.ts";
import { walk } from "../../src/search/walk.ts";

/** As the main thread holds it. */
function hold(path: string): SearchRoot & { close(): void } {
  const real = realpathSync(path);
  if (process.platform !== "linux") return { path: real, real, components: [], inherited: [], close: () => {} };
  const fd = openSync(real, constants.O_DIRECTORY);
  return { path: `/proc/self/fd/${fd}`, real, components: [], inherited: [], close: () => closeSync(fd) };
}

let base = "";
let top: ReturnType<typeof hold>;
const all: string[] = [];
beforeAll(() => {
  base = mkdtempSync(join(tmpdir(), "walk-"));
  top = hold(base);
  // Names that sort apart from their neighbours: `a` before `a/…` before `a!` and `a-b`.
  const names = ["a", "a!", "a-b", "b", "b0", "é"];
  const add = (path: string) => {
    mkdirSync(dirname(join(base, path)), { recursive: true });
    writeFileSync(join(base, path), "x\nx\nx\n");
    all.push(path);
  };
  for (const one of names)
    for (const two of names) {
      add(`${one}/${two}/f`);
      if (two === "b") for (let i = 0; i < 70; i++) add(`${one}/${two}/g${i}`);
      if (one === "a") for (const three of names) add(`${one}/${two}/${three}/f`);
    }
  for (let i = 0; i < 80; i++) add(`top${i}`);
});
afterAll(() => {
  top.close();
  rmSync(base, { recursive: true, force: true });
});

/** Walks the whole, giving parts away and stopping as `choices` says, and goes on with what is left until nothing is. */
function walkAll(contents: boolean, choices: Iterator<number>): string[] {
  const query: Query = {
    regex: false,
    ignoreCase: false,
    context: 0,
    mode: "lines",
    all: true,
    pattern: contents ? "x" : undefined,
  };
  const chance = (oneIn: number) => (choices.next().value ?? 1) % oneIn === 0;
  const found: Found[] = [];
  let ranges: Range[] = [{ root: 0, key: "" }];
  for (let rounds = 0; ranges.length > 0; rounds++) {
    if (rounds > 100_000) throw new Error("the walk does not end");
    const [range, ...others] = ranges as [Range, ...Range[]];
    const donated: Range[] = [];
    let got = 0;
    let promised: Position | undefined;
    const { left } = walk(
      {
        query,
        glob: undefined,
        content: contents
          ? contentSearch({
              matcher: compilePattern("x"),
              context: 0,
              firstOnly: false,
              lines: true,
              shouldStop: () => false,
              timed: () => {},
            })
          : undefined,
        opener: process.platform === "linux" ? pinnedOpener : checkedOpener,
        policy: denyPolicy([]),
        hardlinks: "allow",
        // Ends within files as well.
        enough: chance(3) ? 1 : 40,
        skipped: nothingSkipped(),
        // Some progress each time, as a thread's turn has.
        shouldStop: () => got > 0 && chance(4),
        wanted: () => chance(2),
        donate: (part) => donated.push(part),
        saw: () => {},
        found: (one, position) => {
          got++;
          found.push(one);
          // Nothing found later stands before what was promised.
          const line = one.line === undefined ? {} : { resume: { line: one.line, count: 0 } };
          if (promised && comparePositions({ root: 0, key: one.key, ...line }, promised) < 0)
            throw new Error(`${one.key} was promised to be over`);
          promised = position();
        },
      },
      top,
      range,
    );
    ranges = [...left, ...donated, ...others];
  }
  return found.map(({ key, line }) => key.replaceAll("\0", "/") + (line === undefined ? "" : `:${line}`));
}

test.each([false, true])(
  "split and stopped anywhere, everything is found once (contents: %j)",
  { timeout: 60_000 },
  (contents) => {
    const directories = new Set(
      all.flatMap((path) =>
        path
          .split("/")
          .slice(0, -1)
          .map((_, i, names) => names.slice(0, i + 1).join("/")),
      ),
    );
    const expected = (
      contents ? all.flatMap((path) => [1, 2, 3].map((line) => `${path}:${line}`)) : [...all, ...directories]
    ).toSorted();
    fc.assert(
      fc.property(fc.infiniteStream(fc.nat(1000)), (choices) => {
        expect(walkAll(contents, choices).toSorted()).toEqual(expected);
      }),
      { numRuns: 40 },
    );
  },
);

test("a tree deeper than the limit is searched down to it, and the rest is counted", () => {
  const deep = mkdtempSync(join(tmpdir(), "deep-"));
  const held = hold(deep);
  try {
    mkdirSync(join(deep, "d/".repeat(600)), { recursive: true });
    const skipped = nothingSkipped();
    let entries = 0;
    walk(
      {
        query: { regex: false, ignoreCase: false, context: 0, mode: "lines", all: true },
        glob: undefined,
        content: undefined,
        opener: process.platform === "linux" ? pinnedOpener : checkedOpener,
        policy: denyPolicy([]),
        hardlinks: "allow",
        enough: 10_000,
        skipped,
        shouldStop: () => false,
        wanted: () => false,
        donate: () => {},
        saw: () => {},
        found: () => entries++,
      },
      held,
      { root: 0, key: "" },
    );
    expect([entries, skipped.deep]).toEqual([500, 1]);
  } finally {
    held.close();
    rmSync(deep, { recursive: true, force: true });
  }
});
