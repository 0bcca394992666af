import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { unifiedDiff } from "../../src/text/diff.ts";
import { type Draft, draftOf, replaceSpans } from "../../src/text/draft.ts";
import { fold, type Folded } from "../../src/text/folding.ts";

function change(text: string, ...pairs: [string, string][]): { original: Folded; draft: Draft } {
  const original = fold(text);
  let draft = draftOf(original);
  for (const [old, replacement] of pairs) {
    const start = draft.text.indexOf(old);
    draft = replaceSpans(draft, original, [{ start, end: start + old.length }], replacement);
  }
  return { original, draft };
}

function diff(text: string, ...pairs: [string, string][]): string {
  const { original, draft } = change(text, ...pairs);
  return unifiedDiff(original, draft, 10_000).text;
}

const ten = Array.from({ length: 10 }, (_, line) => `l${line + 1}\n`).join("");

describe("hunks", () => {
  test("a changed line with three lines around", () => {
    expect(diff(ten, ["l5", "five"])).toBe("@@ -2,7 +2,7 @@\n l2\n l3\n l4\n-l5\n+five\n l6\n l7\n l8");
  });
  test("an inserted line removes nothing", () => {
    expect(diff(ten, ["l1\n", "l1\nnew\n"])).toBe("@@ -1,4 +1,5 @@\n l1\n+new\n l2\n l3\n l4");
  });
  test("a deleted line adds nothing", () => {
    expect(diff(ten, ["l10\n", ""])).toBe("@@ -7,4 +7,3 @@\n l7\n l8\n l9\n-l10");
  });
  test("near changes share a hunk, far ones do not, and later line numbers are shifted", () => {
    const long = Array.from({ length: 30 }, (_, line) => `line ${line + 1};\n`).join("");
    const text = diff(long, ["line 2;", "2a\n2b"], ["line 4;", "4"], ["line 28;", "28"]);
    expect(text.match(/^@@.*@@$/gm)).toEqual(["@@ -1,7 +1,8 @@", "@@ -25,6 +26,6 @@"]);
    expect(text).toContain("-line 2;\n+2a\n+2b\n line 3;\n-line 4;\n+4\n line 5;");
  });
  test("two changes of one line are one", () => {
    expect(diff("a b c\n", ["a", "x"], ["c", "z"])).toBe("@@ -1 +1 @@\n-a b c\n+x b z");
  });
  test("a missing final newline is marked", () => {
    expect(diff("a\nb", ["b", "c"])).toBe(
      "@@ -1,2 +1,2 @@\n a\n-b\n\\ No newline at end of file\n+c\n\\ No newline at end of file",
    );
  });
  test("a text cut to a length says how much is missing and keeps the totals", () => {
    const { original, draft } = change(ten, [ten, ten.replaceAll("l", "L")]);
    const cut = unifiedDiff(original, draft, 60);
    expect(cut).toMatchObject({ added: 10, removed: 10 });
    expect(cut.text).toMatch(/… \d+ more lines of the diff$/);
    expect(cut.text.length).toBeLessThan(100);
  });
});

// Applies hunks the way patch(1) does: an independent reading of the format.
function patch(text: string, hunks: string): string {
  const lines = text.split(/(?<=\n)/);
  const out: string[] = [];
  let at = 0;
  for (const hunk of hunks.split(/^(?=@@)/m).filter((h) => h.length > 0)) {
    const [header = "", ...body] = hunk.replace(/\n$/, "").split("\n");
    const [, start = "0", , count] = /^@@ -(\d+)(,(\d+))? /.exec(header) ?? [];
    const first = count === "0" ? Number(start) : Number(start) - 1;
    out.push(...lines.slice(at, first));
    at = first;
    for (const [index, line] of body.entries()) {
      const rest = line.slice(1) + (body[index + 1]?.startsWith("\\") ? "" : "\n");
      if (line.startsWith("\\")) continue;
      if (line.startsWith("+")) out.push(rest);
      else {
        if (lines[at] !== rest) throw new Error(`line ${at + 1} does not match`);
        if (line.startsWith(" ")) out.push(rest);
        at++;
      }
    }
  }
  return [...out, ...lines.slice(at)].join("");
}

test("patching the original with the diff gives the edited text", () => {
  const text = fc
    .array(fc.constantFrom("a", "b", "cc", "\n", "\n", "a\n", "dd\n"), { minLength: 1, maxLength: 60 })
    .map((p) => p.join(""));
  const cut = fc.tuple(fc.nat(), fc.nat({ max: 6 }), fc.constantFrom("", "x", "\n", "x\ny", "q\n", "\n\n"));
  fc.assert(
    fc.property(text, fc.array(cut, { minLength: 1, maxLength: 5 }), (before, cuts) => {
      const original = fold(before);
      let draft = draftOf(original);
      for (const [from, length, replacement] of cuts) {
        if (draft.text.length === 0) break;
        const start = from % draft.text.length;
        const end = Math.min(draft.text.length, start + 1 + length);
        draft = replaceSpans(draft, original, [{ start, end }], replacement);
      }
      expect(patch(before, unifiedDiff(original, draft, 100_000).text)).toBe(draft.text);
    }),
    { numRuns: 3_000 },
  );
});

test("the cost follows the edit, not the file", () => {
  const { original, draft } = change("line of text\n".repeat(1_000_000) + "end\n", ["end", "END"]);
  const from = performance.now();
  expect(unifiedDiff(original, draft, 1_000).text).toContain("@@ -999998,4 +999998,4 @@");
  expect(performance.now() - from).toBeLessThan(1_000);
});

test("the cost follows the edits, however long their line is", () => {
  const original = fold("ab".repeat(100_000));
  const spans = Array.from({ length: 100_000 }, (_, at) => ({ start: 2 * at, end: 2 * at + 1 }));
  const draft = replaceSpans(draftOf(original), original, spans, "c");
  const from = performance.now();
  expect(unifiedDiff(original, draft, 1_000)).toMatchObject({ added: 1, removed: 1 });
  expect(performance.now() - from).toBeLessThan(2_000);
});
