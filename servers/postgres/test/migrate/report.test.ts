import { defineServer, toolFactory } from "@mooring/core";
import { connect } from "@mooring/core/testing";
import { expect, test } from "vitest";
import * as z from "zod";
import type { CatalogItem, Size } from "../../src/migrate/catalog-state.ts";
import type { LockTaken } from "../../src/migrate/locks.ts";
import type { Preview, StepReport } from "../../src/migrate/preview.ts";
import { adviceFor } from "../../src/migrate/advice.ts";
import { lossesOf } from "../../src/migrate/losses.ts";
import { effectOf, inMs, previewText } from "../../src/migrate/report.ts";
import type { Step } from "../../src/migrate/step.ts";
import { stepsOf } from "./migration-of.ts";

const sql = `ALTER TABLE shop.orders ADD COLUMN channel text NOT NULL DEFAULT 'web';
CREATE INDEX orders_channel ON shop.orders (channel);
ALTER TABLE shop.orders ADD CONSTRAINT orders_customer FOREIGN KEY (customer_id) REFERENCES shop.customers;
ALTER TABLE shop.orders ALTER COLUMN total TYPE numeric(12, 2)`;

const orders = (mode: string): LockTaken => ({ relid: "1", name: "shop.orders", kind: "table", mode });
const size = (relid: string, name: string, rows: string, total: string): [string, Size] => [
  relid,
  { relid, name, rows, bytes: total, total },
];

const column = (definition: string): CatalogItem => ({
  key: "c:1:6",
  kind: "column",
  schema: "shop",
  relation: "shop.orders",
  name: "total",
  definition,
  filenode: null,
  relid: "1",
});

const report = (step: Step, more: Partial<StepReport>): StepReport => ({
  step,
  ms: 1,
  locks: [],
  changes: [],
  rewritten: [],
  scanned: [],
  rows: undefined,
  notices: [],
  losses: [],
  advice: adviceFor(step, { touchesOld: true, rewrites: (more.rewritten ?? []).length > 0 }),
  ...more,
});

async function sample(): Promise<Preview> {
  const [first, second, third, fourth] = (await stepsOf(sql)) as [Step, Step, Step, Step];
  const steps = [
    report(first, {
      ms: 0.8,
      locks: [orders("AccessExclusiveLock")],
      changes: ["+ column shop.orders.channel: text not null default 'web'::text"],
    }),
    report(second, {
      ms: 412,
      changes: ["+ index shop.orders_channel on shop.orders: shop.orders USING btree (channel)"],
      scanned: [{ name: "shop.orders", times: 1, rows: 1_200_000 }],
    }),
    report(third, {
      ms: 358,
      locks: [{ relid: "2", name: "shop.customers", kind: "table", mode: "ShareRowExclusiveLock" }],
      changes: ["+ constraint orders_customer on shop.orders: FOREIGN KEY (customer_id) REFERENCES shop.customers(id)"],
      scanned: [{ name: "shop.orders", times: 1, rows: 1_200_000 }],
    }),
    report(fourth, {
      ms: 2_310,
      changes: ["~ column shop.orders.total: numeric -> numeric(12,2)"],
      rewritten: ["shop.orders"],
      losses: lossesOf(fourth, [
        { was: column("numeric"), is: column("numeric(12,2)") },
        { was: column("bigint"), is: column("bigint default 1") },
      ]),
      scanned: [{ name: "shop.orders", times: 1, rows: 1_200_000 }],
    }),
  ];
  return {
    total: 4,
    steps,
    halt: undefined,
    haltAdvice: [],
    sizes: new Map([
      size("1", "shop.orders", "1200000", "209715200"),
      size("2", "shop.customers", "80000", "12582912"),
    ]),
    holders: [
      {
        pid: 4242,
        application: "nightly-report",
        state: "idle in transaction",
        seconds: 95,
        relation: "shop.orders",
        mode: "AccessShareLock",
        query: "SELECT sum(total) FROM shop.orders WHERE day = $1",
      },
    ],
    bond: {
      scope: { relations: [], objects: [] },
      fingerprint: "",
      changes: steps.flatMap(({ changes }) => changes),
      unseen: 0,
    },
  };
}

/** As a client gets it, with the boundary of the foreign text in a fixed place. */
async function shown(text: string): Promise<string> {
  const tool = toolFactory<object>()({
    name: "show",
    title: "Show",
    description: "Shows.",
    access: "read",
    input: z.strictObject({}),
    run: () => text,
    render: (said) => said,
  });
  await using mcp = await connect(
    defineServer({ name: "x", title: "X", version: "0.0.0", fenced: true, tools: [tool] }),
    { deps: {} },
  );
  const [block] = (await mcp.call("show")).content;
  return block?.type === "text" ? block.text.replace(/(<\/?untrusted) [\w-]+>/g, "$1 ID>") : "";
}

test("the sample that the README shows", async () => {
  const text = await shown(previewText(await sample(), "TOKEN"));
  await expect(`${text}\n`).toMatchFileSnapshot("__samples__/preview.txt");
});

test("foreign text stands in one block, our words outside it", async () => {
  const preview = await sample();
  const text = await shown(previewText(preview, "TOKEN"));
  expect(text.match(/<untrusted ID>/g)).toHaveLength(1);
  const outside = text.replace(/<untrusted ID>[^]*<\/untrusted ID>/, "");
  for (const foreign of ["shop", "orders", "nightly-report", "channel"]) expect(outside).not.toContain(foreign);
});

test("the question counts what is at stake", async () => {
  expect(effectOf(await sample())).toBe(
    "runs 4 statements in one transaction and commits; 4 changes of the schema; 1 change of type that may lose or refuse values; 1 lock against reads and writes; 1 lock against writes; 1 rewrite.",
  );
});

test("long lists of changes are cut, and say so", async () => {
  const preview = await sample();
  const [first] = preview.steps as [StepReport];
  const many = { ...first, changes: Array.from({ length: 100 }, (_, i) => `+ column shop.t.c${i}: text`) };
  const text = await shown(previewText({ ...preview, steps: [many], total: 1 }, "TOKEN"));
  expect(text).toContain("… 60 more");
  expect(text).not.toContain("c41:");
});

test.each([
  [0.04, "0.0 ms"],
  [9.96, "10.0 ms"],
  [10.4, "10 ms"],
  [9_999, "9999 ms"],
  [12_345, "12 s"],
])("%s ms reads %s", (ms, text) => expect(inMs(ms)).toBe(text));
