import { afterAll, beforeAll, expect, test } from "vitest";
import { type Postgres, startPostgres } from "@mooring/testing";
import { connect } from "../../src/connection/connect.ts";
import { settingsFrom, timeouts } from "./settings-from.ts";

let server: Postgres;
beforeAll(async () => void (server = await startPostgres()));
afterAll(() => server.stop());

test("logs in", async () => {
  const { client, pooler } = await connect(
    await settingsFrom({ DATABASE_URL: server.url }),
    timeouts,
    AbortSignal.timeout(5000),
  );
  expect(pooler).toBe(false);
  expect((await client.query("show statement_timeout")).rows).toEqual([{ statement_timeout: "30s" }]);
  await client.end();
});
