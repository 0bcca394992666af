import type { Result } from "../result.ts";
import { interleaved, median } from "../statistics.ts";
import { launch } from "../stdio-client.ts";
import type { Contenders } from "./contenders.ts";
import { withClient } from "./fixture.ts";

const TABLES = 2_000;

/** Tables as an application with tenants or history has them: nine columns, a key, a foreign key, an index. */
export async function manyTables(url: string): Promise<void> {
  await withClient(url, async (client) => {
    // Two halves by name: a peer shows no more than a thousand at a time.
    await client.query(`CREATE FUNCTION pg_temp.part(i int) RETURNS text LANGUAGE sql AS
      $$ SELECT CASE WHEN i % 2 = 0 THEN 'even_' ELSE 'odd_' END || 'table_' || i $$`);
    await client.query(`DO $$ BEGIN
      FOR i IN 1..${TABLES} LOOP
        EXECUTE format('CREATE TABLE %I (id bigint PRIMARY KEY, parent_id bigint %s, name text NOT NULL, amount numeric(12,2),
          status varchar(20) DEFAULT ''new'', data jsonb, tags text[], created_at timestamptz DEFAULT now(), updated_at timestamptz)',
          pg_temp.part(i), CASE WHEN i > 1 THEN format('REFERENCES %I', pg_temp.part(i - 1)) ELSE '' END);
        EXECUTE format('CREATE INDEX ON %I (name)', pg_temp.part(i));
        IF i % 200 = 0 THEN COMMIT; END IF;
      END LOOP; END $$`);
  });
}

/** Every table with its columns, all pages of it. */
export async function benchOverview(sides: Contenders): Promise<Result[]> {
  const [, dbhub] = sides.peers;
  const ours = await launch(sides.ours.launch);
  const peer = await launch(dbhub.launch);
  const bytes = { ours: 0, peer: 0 };
  const timed = async (work: () => Promise<number>, name: keyof typeof bytes) => {
    const from = performance.now();
    bytes[name] = await work();
    return performance.now() - from;
  };
  const figures = await interleaved(3, {
    ours: () =>
      timed(async () => {
        let total = 0;
        let seen = 0;
        for (let cursor: string | undefined, first = true; first || cursor !== undefined; first = false) {
          const { bytes: size, result } = await ours.call("schema", {
            limit: 1_000,
            ...(cursor !== undefined && { cursor }),
          });
          const text = result.content?.[0]?.text ?? "";
          if (result.isError) throw new Error(text);
          total += size;
          seen += [...text.matchAll(/^(?:even|odd)_table_\d+\b/gm)].length;
          cursor = /More: cursor "([^"]+)"/.exec(text)?.[1];
        }
        if (seen < TABLES) throw new Error(`${seen} tables in the overview`);
        return total;
      }, "ours"),
    peer: () =>
      timed(async () => {
        let total = 0;
        for (const half of ["even", "odd"]) {
          const { bytes: size, result } = await peer.call("search_objects", {
            object_type: "table",
            pattern: `${half}%`,
            schema: "public",
            detail_level: "full",
            limit: 1_000,
          });
          if (result.isError) throw new Error(result.content?.[0]?.text);
          total += size;
        }
        return total;
      }, "peer"),
  });
  await Promise.all([ours.close(), peer.close()]);
  const shared = { peerName: "dbhub", note: "both in two pages of 1,000" };
  return [
    {
      id: "pg-overview",
      what: "overview of 2,000 tables",
      unit: "ms",
      ours: median(figures.ours),
      peer: median(figures.peer),
      bar: { at: "≤", value: 0.05 },
      ...shared,
    },
    {
      id: "pg-overview-bytes",
      what: "overview of 2,000 tables",
      unit: "bytes",
      ours: bytes.ours,
      peer: bytes.peer,
      bar: { at: "≤", value: 0.1 },
      ...shared,
    },
  ];
}
