import { attemptCase, type CorpusResult, formatReport, summarize } from "@mooring/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Arena, openArena } from "./corpus/arena.ts";
import { createAttacker } from "./corpus/attack.ts";
import { type Attack, type Legitimate, loadCases } from "./corpus/case.ts";
import { startBuilt, startSources, type Target } from "./corpus/target.ts";

/** The built program as a host starts it, unless the sources are asked for. */
const start = process.env["CORPUS_TARGET"] === "sources" ? startSources : startBuilt;

const attacks = loadCases<Attack>("attacks.json").map((each) => ({ ...each, category: each.id.split("-")[0] ?? "" }));

describe.each(["superuser", "app"] as const)("attacks as %s", (login) => {
  let arena: Arena;
  let attacker: ReturnType<typeof createAttacker>;
  const results: CorpusResult[] = [];
  beforeAll(async () => {
    arena = await openArena({ setup: ["setup.sql"] });
    attacker = createAttacker(arena, start, login);
  });
  afterAll(async () => {
    console.error(formatReport(summarize(results), `attacks as ${login}`));
    await attacker[Symbol.asyncDispose]();
    await arena[Symbol.asyncDispose]();
  });

  it.for(attacks)("$id: $why", { timeout: 60_000 }, async (each) => {
    const result = await attemptCase(each, attacker.attack);
    results.push(result);
    expect(result.outcome).toEqual({ status: "passed" });
  });
});

describe("legitimate queries", () => {
  let arena: Arena;
  let target: Target;
  beforeAll(async () => {
    arena = await openArena({ setup: ["benign-setup.sql"] });
    target = await start(arena.url("superuser"));
  });
  afterAll(async () => {
    await target[Symbol.asyncDispose]();
    await arena[Symbol.asyncDispose]();
  });

  it.for(loadCases<Legitimate>("benign.json"))("$id: $sql", async ({ sql }) => {
    expect(await target.call("query", { sql })).toMatchObject({ error: false });
  });

  it("calls a function of the database when the operator vouches for it", async () => {
    const sql = "SELECT full_name(name, email) FROM users LIMIT 1";
    expect(await target.call("query", { sql })).toMatchObject({
      error: true,
      text: expect.stringContaining("--allow-function public.full_name") as string,
    });
    await using allowing = await start(arena.url("superuser"), { allowFunctions: ["public.full_name"] });
    expect(await allowing.call("query", { sql })).toMatchObject({ error: false });
  });
});
