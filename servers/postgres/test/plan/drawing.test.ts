import { readdirSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { changes, compare, verdict } from "../../src/plan/compare.ts";
import { findings } from "../../src/plan/findings.ts";
import { mermaid } from "../../src/plan/mermaid.ts";
import { picture } from "../../src/plan/picture.ts";
import { createPictures } from "../../src/plan/pictures.ts";
import { findingLines, tree } from "../../src/plan/tree.ts";
import { fixture, node, planOf, type Raw, ran } from "./fixture.ts";

const all = readdirSync(new URL("fixtures", import.meta.url)).map((name) => name.replace(".json", ""));
const hostile = `x"]; click n1 "javascript:alert(1)" <script>&\u0001\ud800\n${"w".repeat(500)}`;

function deep(nodes: number): Raw {
  let below = node("Seq Scan", {
    "Relation Name": hostile,
    Alias: hostile,
    Filter: `(a = '${hostile}')`,
    ...ran(nodes, 5),
  });
  for (let i = 1; i < nodes; i++)
    below = node("Sort", { "Sort Key": [hostile, "字".repeat(80)], ...ran(nodes + i, 5_000_000, 3) }, [below]);
  return below;
}

describe("tree", () => {
  it("has a line a node, and marks what findings speak of", () => {
    const plan = fixture("repeated-subquery");
    const found = findings(plan);
    const lines = tree(plan, found).split("\n");
    expect(lines).toHaveLength(plan.nodes.length);
    expect(lines[1]).toMatch(/\[SubPlan 1\] Aggregate {2}rows 1 x1,500 .*\[1\]$/);
    expect(findingLines(found).split("\n")).toHaveLength(found.length);
  });

  it("is about a kilobyte for ten nodes", () => {
    const plan = fixture("parallel-join");
    expect(plan.nodes).toHaveLength(10);
    expect(Buffer.byteLength(`${tree(plan, findings(plan))}\n${findingLines(findings(plan))}`)).toBeLessThan(1_400);
  });

  it("keeps hostile names in their line, and the weightiest nodes of endless plans", () => {
    expect(tree(planOf(deep(3))).split("\n")).toHaveLength(3);
    const scans = Array.from({ length: 2_000 }, (_, i) =>
      node("Seq Scan", { "Relation Name": `t${i}`, ...ran(i === 777 ? 500 : 1, 1) }),
    );
    const text = tree(planOf(node("Append", ran(2_600, 1), scans)));
    expect(text.split("\n").length).toBeLessThanOrEqual(121);
    expect(text).toContain("t777");
    expect(text).toContain("lighter nodes left out");
  });

  it("says what was never executed", () => {
    expect(tree(planOf(node("Seq Scan", ran(0, 0, 0))))).toContain("never executed");
  });
});

describe("mermaid", () => {
  it("joins every node to its parent, and no text ends a label", () => {
    const chart = mermaid(planOf(deep(3)));
    const labels = chart.split("\n").filter((line) => /^ {2}n\d+\[/.test(line));
    expect(labels).toHaveLength(3);
    for (const label of labels) expect(label).toMatch(/^ {2}n\d+\["(?:[^"[\]<>&`]|<br\/>)*"\]$/);
    expect(chart.match(/-->/g)).toHaveLength(2);
  });
});

/** Texts with where they begin and end, by the width that the widest of the fonts has. */
function texts(svg: string): { readonly y: number; readonly from: number; readonly to: number }[] {
  return [...svg.matchAll(/<text(?: class="([^"]*)")? x="([\d.]+)" y="([\d.]+)">([^<]*)<\/text>/g)].map(
    ([, kind = "", x, y, said = ""]) => {
      const plain = said.replace(/&(amp|lt|gt|quot);/g, "_");
      const cells = Array.from(plain).reduce((sum, each) => sum + ((each.codePointAt(0) ?? 0) >= 0x1100 ? 2 : 1), 0);
      const size = /detail|note/.test(kind) ? 11 : kind === "title" ? 15 : 13;
      const width = cells * size * 0.602;
      return kind.includes("end")
        ? { y: Number(y), from: Number(x) - width, to: Number(x) }
        : { y: Number(y), from: Number(x), to: Number(x) + width };
    },
  );
}

describe("picture", () => {
  it.each([
    ...all.map((name) => [name, fixture(name)] as const),
    ...[1, 20, 60, 400].map((count) => [`${count} nodes`, planOf(deep(count))] as const),
  ])("%s: well formed, within its borders, no text over another", (_, plan) => {
    const svg = picture(plan);
    const [, width = 0, height = 0] = (/viewBox="0 0 (\d+) (\d+)"/.exec(svg) ?? []).map(Number);
    const found = texts(svg);
    expect(found.length).toBeGreaterThan(3);
    for (const each of found) {
      expect(each.from).toBeGreaterThanOrEqual(0);
      expect(each.to).toBeLessThanOrEqual(width);
      expect(each.y).toBeLessThan(height);
      const others = found.filter((other) => other !== each && Math.abs(other.y - each.y) < 11);
      for (const other of others) expect(other.from >= each.to || other.to <= each.from).toBe(true);
    }
    const open: string[] = [];
    for (const [, close, name = "", end] of svg.matchAll(/<(\/?)([a-z]+)[^>]*?(\/?)>/g)) {
      if (close && open.pop() !== name) open.push(`${name} closed`);
      if (!close && !end) open.push(name);
    }
    expect(open).toEqual([]);
    // oxlint-disable-next-line no-control-regex
    expect(svg).not.toMatch(/<script|[\u0000-\u0008]|&(?!(amp|lt|gt|quot);)/);
    expect(svg.isWellFormed()).toBe(true);
    expect(Buffer.byteLength(svg)).toBeLessThan(400_000);
  });

  it("shows misestimates and heavy nodes in their colours", () => {
    expect(picture(fixture("dependent-join"))).toMatch(/class="end detail off"[^>]*>rows 4 -&gt; 200/);
    expect(picture(fixture("seq-filter"))).not.toContain('class="end detail off"');
    expect(picture(fixture("seq-filter"))).toContain('class="hot"');
  });
});

describe("createPictures", () => {
  it("keeps the last ones, each for its database", () => {
    const pictures = createPictures(2);
    const [a, b, c] = ["1", "2", "3"].map((svg) => pictures.keep("db", svg)) as [string, string, string];
    expect([a, b, c].map((id) => pictures.get("db", id))).toEqual([undefined, "2", "3"]);
    expect(pictures.get("other", c)).toBeUndefined();
    expect(new Set([a, b, c]).size).toBe(3);
  });
});

describe("compare", () => {
  const [before, after] = [
    planOf(node("Seq Scan", { "Relation Name": "t", "Total Cost": 1_000 })),
    planOf(node("Index Scan", { "Relation Name": "t", "Index Name": "i", "Total Cost": 10 })),
  ];

  it("says costs and the nodes that changed", () => {
    const found = compare(before, after);
    expect(verdict(found)).toBe("Cost 1,000 without, 10 with: 100 times less.");
    expect(changes(found)).toBe("- Seq Scan on t  rows 100  cost 1,000\n+ Index Scan using i on t  rows 100  cost 10");
    expect(verdict(compare(after, before))).toContain("100 times more");
    expect(verdict(compare(before, planOf(node("Seq Scan", { "Relation Name": "t", "Total Cost": 800 }))))).toContain(
      "20% less",
    );
    expect(verdict(compare(before, before))).toContain("no difference");
    expect(changes(compare(before, before))).toBe("");
  });
});
