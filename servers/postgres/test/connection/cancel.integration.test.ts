import { type Postgres, startPostgres } from "@mooring/testing";
import { afterAll, beforeAll, expect, it } from "vitest";
import { requestCancel } from "../../src/connection/cancel.ts";
import { connect } from "../../src/connection/connect.ts";
import { deadPort, listening } from "./listening.ts";
import { passage } from "./passage.ts";
import { settingsFrom, timeouts } from "./settings-from.ts";

let server: Postgres;
beforeAll(async () => void (server = await startPostgres()));
afterAll(() => server.stop());

const open = async (url: string) =>
  connect(await settingsFrom({ DATABASE_URL: url }), timeouts, AbortSignal.timeout(5_000));

it("ends the statement, at the address that was reached of several", async () => {
  const { hostname, port } = new URL(server.url);
  await using way = await passage({ host: hostname, port: Number(port) });
  const url = `postgres://test:test@127.0.0.1:${await deadPort()},127.0.0.1:${way.port}/postgres?sslmode=disable`;
  const opened = await open(url);
  const sleeping = opened.client.query("SELECT pg_sleep(20)").catch((error: unknown) => error);
  await new Promise((resolve) => setTimeout(resolve, 100));
  await requestCancel(opened);
  expect(await sleeping).toMatchObject({ code: "57014" });
  expect((await opened.client.query("SELECT 1 AS a")).rows).toEqual([{ a: 1 }]);
  await opened.client.end();
  expect(way.beginnings).toEqual(["startup", "cancel"]);
});

it("never rejects, and ends within two seconds, where nobody answers", async () => {
  const opened = await open(server.url);
  const at = (port: number) => ({ ...opened, way: { ...opened.way, address: { host: "127.0.0.1", port } } });
  await requestCancel(at(await deadPort()));
  await using silent = await listening(() => {});
  const asked = performance.now();
  await requestCancel(at(silent.port));
  expect(performance.now() - asked).toBeLessThan(2_500);
  await opened.client.end();
});
