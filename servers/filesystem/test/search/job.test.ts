import { expect, test } from "vitest";
import { createJob } from "../../src/search/job.ts";
import { type Found, type JobSpec, nothingSkipped } from "../../src/search/protocol.ts";

const spec = (enough: number) => ({ enough }) as JobSpec;
const done = (found: readonly Found[] = [], left: readonly { root: number; key: string }[] = [], capped = false) => ({
  found,
  skipped: nothingSkipped(),
  left,
  capped,
});
const at = (...keys: string[]): Found[] => keys.map((key) => ({ root: 0, key }));
const START = { root: 0, key: "" };

test("only what nothing can precede is certain", () => {
  const job = createJob(spec(10), [START]);
  job.take(1);
  job.donated({ root: 0, key: "m" });
  job.take(2);
  job.found(2, at("n", "o"), { root: 0, key: "p" });
  expect(job.settled()).toEqual([]);
  job.found(1, at("b"), { root: 0, key: "c" });
  expect(job.settled()).toEqual(at("b"));
  job.done(1, done(at("d")));
  expect(job.settled()).toEqual(at("b", "d", "n", "o"));
  expect(job.complete(10)).toBe(false);
  job.done(2, done());
  expect([job.complete(10), job.frontier()]).toEqual([true, undefined]);
});

test("a page is complete as soon as more than it holds is certain, and the rest is dropped", () => {
  const job = createJob(spec(2), [START]);
  job.take(1);
  job.donated({ root: 0, key: "m" });
  job.take(2);
  job.done(1, done(at("a", "b", "c"), [{ root: 0, key: "d" }], true));
  expect(job.complete(2)).toBe(true);
  expect(job.frontier()).toEqual({ root: 0, key: "d" });
  expect(job.useless(2)).toBe(true);
  expect(job.waiting()).toBe(0);
});

test("inside a file, lines up to the place where it was stopped are certain", () => {
  const job = createJob(spec(10), [START]);
  job.take(1);
  const lines = [3, 9].map((line): Found => ({ root: 0, key: "f", line, text: "" }));
  job.done(1, done(lines, [{ root: 0, key: "f", resume: { line: 9, count: 2 } } as { root: number; key: string }]));
  expect(job.settled()).toEqual(lines);
  expect(job.frontier()).toEqual({ root: 0, key: "f", resume: { line: 9, count: 2 } });
});

test("what a far thread finds does not pile up", () => {
  const job = createJob(spec(100), [START]);
  job.take(1);
  for (let i = 0; i < 50; i++) {
    job.donated({ root: 0, key: `m${100 + i}` });
    job.take(2);
    job.done(2, done(Array.from({ length: 100 }, (_, n) => ({ root: 0, key: `m${100 + i}\0${100 + n}` }))));
  }
  // 5,000 were found; a page and one more are kept, and nobody looks beyond them.
  job.done(1, done());
  expect(job.complete(100)).toBe(true);
  expect(job.settled().length).toBeLessThan(2500);
  expect(job.settled().slice(0, 101)).toEqual(
    [...Array.from({ length: 100 }, (_, n) => `m100\0${100 + n}`), "m101\u0000100"].map((key) => ({ root: 0, key })),
  );
  expect(job.frontier()).toBeDefined();
});
