import { writeFile } from "node:fs/promises";
import { fillPlaceholders } from "@mooring/testing";
import pg from "pg";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Arena, openArena } from "./corpus/arena.ts";
import { type Attack, type Legitimate, loadCases } from "./corpus/case.ts";
import { grammar } from "./fuzz/grammar.ts";
import { snapshot } from "./fuzz/snapshot.ts";
import { openDatabase, type Opened } from "./open-database.ts";
import { random } from "./random.ts";

const STATEMENTS = Number(process.env["FUZZ_STATEMENTS"] ?? 20_000);
/** After so many everything is compared. */
const ROUND = 2_500;
const AT_ONCE = 8;

let arena: Arena;
let opened: Opened;
let client: pg.Client;
beforeAll(async () => {
  arena = await openArena({ setup: ["setup.sql", "own-setup.sql"], settings: { autovacuum: "off" } });
  opened = openDatabase(arena.url("superuser"), {
    timeouts: { statement: 1_500, lock: 500, idleInTransaction: 15_000 },
  });
  client = new pg.Client(arena.url("superuser"));
  await client.connect();
});
afterAll(async () => {
  await client.end();
  await opened[Symbol.asyncDispose]();
  await arena[Symbol.asyncDispose]();
});

it("changes nothing, whatever is asked", { timeout: 600_000 }, async () => {
  const seed = Number(process.env["FUZZ_SEED"] ?? Math.trunc(Math.random() * 1e9));
  console.error(`fuzz: FUZZ_SEED=${seed}`);
  const corpus = [
    ...loadCases<Attack>("attacks.json"),
    ...loadCases<Attack>("own-attacks.json"),
    ...loadCases<Legitimate>("benign.json"),
    ...loadCases<Legitimate>("own-benign.json"),
  ].flatMap(({ sql }) => (sql === undefined || /pg_sleep|300000000/.test(sql) ? [] : [sql]));
  const make = grammar(random(seed), corpus);
  const counts = { proved: 0, refused: 0, malformed: 0, answered: 0 };
  /** What ran since everything was compared, to be named when something has changed. */
  let ran: string[] = [];

  async function run(sql: string): Promise<void> {
    const signal = AbortSignal.timeout(20_000);
    const proof = await opened.database
      .prove(sql, signal)
      .catch((error: { kind?: string; code?: string; message: string }) => {
        if (error.kind === "invalid_input") counts.malformed += 1;
        else counts.refused += 1;
        // The server's own questions must not fail on whatever is asked.
        if (error.kind === undefined) throw new Error(`${sql}\n${error.message}`, { cause: error });
      });
    if (!proof) return;
    counts.proved += 1;
    ran.push(sql);
    await opened.database.read(proof, { maxRows: 20, signal }).then(
      () => (counts.answered += 1),
      (error: { code?: string; kind?: string; message: string }) => {
        if (error.code === undefined && error.kind === undefined)
          throw new Error(`${sql}\n${error.message}`, { cause: error });
      },
    );
  }

  let before = await snapshot(client);
  for (let done = 0; done < STATEMENTS; done += ROUND) {
    let left = Math.min(ROUND, STATEMENTS - done);
    await Promise.all(
      Array.from({ length: AT_ONCE }, async () => {
        while (left > 0) {
          left -= 1;
          await run(fillPlaceholders(make(), arena.variables));
        }
      }),
    );
    const after = await snapshot(client);
    const changed = Object.keys({ ...before, ...after }).filter((name) => before[name] !== after[name]);
    if (changed.length > 0 && process.env["FUZZ_RAN"]) await writeFile(process.env["FUZZ_RAN"], ran.join("\n---\n"));
    expect(
      changed.map((name) => `${name}: ${before[name]} became ${after[name]}`),
      `seed ${seed}; one of:\n${ran.slice(-5).join("\n")}`,
    ).toEqual([]);
    before = after;
    ran = [];
  }
  // The sessions are as they were.
  const session = await opened.database.read(
    await opened.database.prove(
      "SELECT (SELECT count(*) FROM pg_prepared_statements WHERE name !~ '^mooring'), (SELECT count(*) FROM pg_cursors WHERE name <> ''), current_setting('search_path'), current_setting('transaction_read_only'), current_user",
      AbortSignal.timeout(5_000),
    ),
    { maxRows: 1, signal: AbortSignal.timeout(5_000) },
  );
  expect(session.rows).toEqual([["0", "0", '"$user", public', "on", "test"]]);
  // Only what ran to its end counts.
  const share = counts.answered / STATEMENTS;
  console.error(
    `fuzz: ${STATEMENTS} statements, ${counts.proved} proved, ${counts.answered} of them ran to their end (${(share * 100).toFixed(1)} %), ${counts.refused} refused, ${counts.malformed} no SQL`,
  );
  expect(share).toBeGreaterThanOrEqual(0.3);
});
