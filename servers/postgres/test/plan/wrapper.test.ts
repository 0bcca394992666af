import { describe, expect, it } from "vitest";
import type { Database, Session } from "../../src/database.ts";
import type { Inspection } from "../../src/guard/proof.ts";
import { findHypopg, forget, hide } from "../../src/plan/hypothetical.ts";
import { checkWrapped, explainOptions, explainText } from "../../src/plan/wrapper.ts";

const signal = AbortSignal.timeout(5_000);

describe("explainOptions", () => {
  it("asks only for what the version knows", () => {
    const of = (version: number, analyze = true) => explainOptions({ analyze, verbose: true, version });
    expect(of(130_000, false)).toBe("FORMAT JSON, SETTINGS, SUMMARY, VERBOSE");
    expect(of(160_000)).toBe("FORMAT JSON, SETTINGS, SUMMARY, VERBOSE, ANALYZE, BUFFERS");
    expect(of(170_000)).toBe("FORMAT JSON, SETTINGS, SUMMARY, VERBOSE, ANALYZE, BUFFERS, SERIALIZE TEXT");
    expect(of(180_000, false)).not.toContain("ANALYZE");
  });

  it("ends a comment at the end of the text", () => {
    expect(explainText("SELECT 1 -- x", { analyze: false, verbose: false, version: 150_000 })).toMatch(
      /\nSELECT 1 -- x\n$/,
    );
  });
});

describe("checkWrapped", () => {
  const inside = { node: "SelectStmt", hash: "abc", params: 0 } as Inspection;
  const check = (found: Partial<Inspection>, proved = inside) =>
    checkWrapped(
      { inspect: async () => found as Inspection } as unknown as Database,
      "EXPLAIN …",
      proved,
      "ExplainStmt",
      signal,
    );

  it("takes the same tree only", async () => {
    await expect(check({ node: "ExplainStmt", hash: "abc", params: 0 })).resolves.toBeUndefined();
    for (const other of [
      { node: "ExplainStmt", hash: "abd", params: 0 },
      { node: "PrepareStmt", hash: "abc", params: 0 },
      { node: "ExplainStmt", hash: "abc", params: 1 },
    ])
      await expect(check(other)).rejects.toMatchObject({ kind: "denied" });
    // A hash that nobody filled in proves nothing.
    await expect(check({ node: "ExplainStmt", hash: "", params: 0 }, { ...inside, hash: "" })).rejects.toMatchObject({
      kind: "denied",
    });
  });
});

describe("hypopg", () => {
  // 1.4 is not in Debian 12: what is sent to it stands in its documentation.
  it("hides indexes from 1.4 on, and shows them again", async () => {
    const sent: string[] = [];
    const session = {
      query: async (text: string) => void sent.push(text),
      rows: async (text: string) => [text.includes("pg_extension") ? { schema: '"Ext"' } : { found: "4711" }],
    } as unknown as Session;
    const at = (version: string) => findHypopg(session, { extensions: new Map([["hypopg", version]]) } as never);
    expect(await at("1.3.1")).toEqual({ schema: '"Ext"', hides: false });
    expect(await findHypopg(session, { extensions: new Map() } as never)).toBeUndefined();
    const hypopg = await at("1.10.0");
    expect(hypopg?.hides).toBe(true);
    if (!hypopg) return;
    await hide(session, hypopg, "public.i");
    await forget(session, hypopg);
    expect(sent).toEqual([
      'SELECT "Ext".hypopg_hide_index($1::oid)',
      'SELECT "Ext".hypopg_reset()',
      'SELECT "Ext".hypopg_unhide_all_indexes()',
    ]);
  });

  it("says which index it does not find", async () => {
    const session = { rows: async () => [] } as unknown as Session;
    await expect(hide(session, { schema: "public", hides: true }, "nope")).rejects.toMatchObject({ kind: "not_found" });
  });
});
