import type pg from "pg";
import { advise } from "../../../../servers/postgres/src/advise/advise.ts";
import { createIndex } from "../../../../servers/postgres/src/advise/index-definition.ts";
import type { Database } from "../../../../servers/postgres/src/database.ts";
import type { Result } from "../../result.ts";
import { withClient } from "../fixture.ts";
import { type Built, buildIndexes, measured, planned, withOnly } from "./built-indexes.ts";
import { exhaustive } from "./exhaustive.ts";
import { load } from "./load.ts";
import { queries } from "./queries.ts";
import { singleColumn } from "./single-column.ts";

/** Two databases of their own on a server with hypopg, whose login is a superuser. */
export interface AdviseBench {
  newDatabase(name: string): Promise<string>;
  /** As the server itself would open it. */
  open(url: string): Database;
}

/** What a person would think of for these queries: they know nothing of the adviser's candidates. */
const byHand: readonly string[] = [
  "orders (customer_id, ordered)",
  "orders (ordered)",
  "orders (status, priority, ordered)",
  "orders (clerk, ordered)",
  "orders (total)",
  "lineitem (part_id)",
  "lineitem (shipped) INCLUDE (price, discount, quantity)",
  "lineitem (supplier_id, shipped)",
  "lineitem (received, mode)",
  "lineitem (order_id, returned)",
  "customer (lower(email))",
  "customer (nation_id, balance)",
];

/** Every column that a query compares, joins or sorts by. */
const singles: readonly string[] = [
  "orders (customer_id)",
  "orders (ordered)",
  "orders (status)",
  "orders (priority)",
  "orders (clerk)",
  "orders (total)",
  "lineitem (part_id)",
  "lineitem (shipped)",
  "lineitem (quantity)",
  "lineitem (supplier_id)",
  "lineitem (received)",
  "lineitem (mode)",
  "lineitem (returned)",
  "customer (nation_id)",
  "customer (balance)",
  "customer (segment)",
  "customer (email)",
  "part (brand)",
  "part (container)",
];

const SMALL = 20_000;
const LARGE = 200_000;
const MAX_SECONDS = 20;

/** Of the room that all candidates by hand take together: some have to stay out. */
const SHARE = 0.5;

/** Index advice: against all subsets of twelve candidates on a small database, against single columns on a large one. */
export async function benchAdvise({ newDatabase, open }: AdviseBench): Promise<Result[]> {
  return [
    ...(await small(await newDatabase("advise_small"), open)),
    ...(await large(await newDatabase("advise_large"), open)),
  ];
}

async function small(url: string, open: AdviseBench["open"]): Promise<Result[]> {
  return withClient(url, async (client) => {
    await load(client, SMALL);
    await client.query("CREATE EXTENSION hypopg");
    const budget = await roomFor(client, byHand, SHARE);
    // Capped, so that all subsets of its own candidates can be planned; and as it comes, against candidates that are not its own.
    const capped = await ask(open(url), budget, 12);
    const ours = await ask(open(url), budget);
    const all = await buildIndexes(client, [...new Set([...capped.searched, ...ours.recommended, ...byHand])]);
    const of = (bodies: readonly string[]) => all.filter(({ ddl }) => bodies.includes(ddl));
    const narrow = await side(client, all, of(capped.recommended));
    const mine = await side(client, all, of(ours.recommended));
    const own = await exhaustive(client, queries, all, of(capped.searched), budget);
    const hand = await exhaustive(client, queries, all, of(byHand), budget);
    const none = await side(client, all, []);
    const times = async (chosen: readonly Built[]) => (await side(client, all, chosen)).ms;
    const what = `planner total of ${queries.length} statements, ${SMALL.toLocaleString("en")} orders`;
    return [
      {
        id: "pg-advise-small",
        what: `advise: ${what}`,
        unit: "units",
        ours: narrow.total,
        peer: own.total,
        peerName: `best of ${own.sets.toLocaleString("en")} sets of its own ${capped.searched.length} candidates`,
        bar: { at: "≤", value: 1.01 },
        note: note(budget, narrow, await times(own.chosen), none),
      },
      {
        id: "pg-advise-hand",
        what: `advise: ${what}`,
        unit: "units",
        ours: mine.total,
        peer: hand.total,
        peerName: `best of ${hand.sets.toLocaleString("en")} sets of 12 by hand`,
        bar: { at: "≤", value: 1.01 },
        note: note(budget, mine, await times(hand.chosen), none),
      },
    ];
  });
}

async function large(url: string, open: AdviseBench["open"]): Promise<Result[]> {
  return withClient(url, async (client) => {
    await load(client, LARGE);
    await client.query("CREATE EXTENSION hypopg");
    const budget = await roomFor(client, singles, SHARE);
    const ours = await ask(open(url), budget);
    const all = await buildIndexes(client, [...new Set([...ours.recommended, ...singles])]);
    const of = (bodies: readonly string[]) => all.filter(({ ddl }) => bodies.includes(ddl));
    const mine = await side(client, all, of(ours.recommended));
    const single = await singleColumn(client, queries, all, of(singles), budget);
    const none = await side(client, all, []);
    return [
      {
        id: "pg-advise-large",
        what: `advise: planner total of ${queries.length} statements, ${LARGE.toLocaleString("en")} orders`,
        unit: "units",
        ours: mine.total,
        peer: single.total,
        peerName: "single columns",
        bar: { at: "≤", value: 1 },
        note: note(budget, mine, (await side(client, all, single.chosen)).ms, none),
      },
      {
        id: "pg-advise-room",
        what: "advise: room of those indexes when built",
        unit: "MB",
        ours: mine.bytes / 1e6,
        peer: budget / 1e6,
        peerName: "budget",
        bar: { at: "≤", value: 1 },
      },
    ];
  });
}

/** Asks as the tool does. The budget is held in real bytes, so that both sides have the same. */
async function ask(database: Database, budget: number, mostCandidates?: number) {
  try {
    const context = { signal: AbortSignal.timeout(120_000), deadline: Date.now() + 120_000 };
    const { recommended, searched } = await advise(
      database,
      {
        target: queries,
        budgetMb: budget / 1e6,
        maxSeconds: MAX_SECONDS,
        ...(mostCandidates === undefined ? {} : { mostCandidates }),
      },
      context,
    );
    const body = (definition: (typeof searched)[number]) => createIndex(definition).replace(/^CREATE INDEX ON /, "");
    return { recommended: recommended.map(({ definition }) => body(definition)), searched: searched.map(body) };
  } finally {
    await database.close();
  }
}

interface Side {
  readonly total: number;
  readonly ms: number;
  readonly bytes: number;
  readonly count: number;
}

async function side(client: pg.Client, all: readonly Built[], chosen: readonly Built[]): Promise<Side> {
  return withOnly(client, all, chosen, async () => {
    let total = 0;
    for (const sql of queries) total += (await planned(client, sql)).cost;
    const bytes = chosen.reduce((sum, each) => sum + each.bytes, 0);
    return { total, ms: await measured(client, queries), bytes, count: chosen.length };
  });
}

async function roomFor(client: pg.Client, bodies: readonly string[], share: number): Promise<number> {
  const built = await buildIndexes(client, bodies);
  for (const { name } of built) await client.query(`DROP INDEX ${name}`);
  return Math.round(share * built.reduce((sum, { bytes }) => sum + bytes, 0));
}

function note(budget: number, mine: Side, otherMs: number, none: Side): string {
  const mb = (bytes: number) => (bytes / 1e6).toFixed(1);
  return `${mine.count} indexes, ${mb(mine.bytes)} of ${mb(budget)} MB; without any ${Math.round(none.total).toLocaleString("en")}; EXPLAIN ANALYZE ${Math.round(mine.ms)} ms, theirs ${Math.round(otherMs)} ms, without ${Math.round(none.ms)} ms`;
}
