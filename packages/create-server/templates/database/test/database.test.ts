import { resolveCredential } from "@mooring/core";
import { expect, test } from "vitest";
import { createDatabase } from "../src/database.ts";
import { mapError } from "../src/errors.ts";

const signal = AbortSignal.timeout(10_000);
const credential = (env: NodeJS.ProcessEnv) => resolveCredential("DATABASE_URL", { env, onSecret: () => {} });

test("without a database every statement says what to set, and closing is no error", async () => {
  const database = createDatabase(credential({}), 1_000);
  for (const _ of [1, 2])
    await expect(database.read("SELECT 1", [], signal)).rejects.toThrow(/DATABASE_URL is not set/);
  await database.close();
});

test("one that is not there is told as such, and tried again", async () => {
  const database = createDatabase(credential({ DATABASE_URL: "postgres://keeper@127.0.0.1:1/stock" }), 1_000);
  for (const _ of [1, 2]) {
    const error = await database.read("SELECT 1", [], signal).catch((caught: unknown) => caught);
    expect(mapError(error)).toMatchObject({ kind: "unavailable" });
  }
  await database.close();
});

test("an address that is none is one to correct", async () => {
  const database = createDatabase(credential({ DATABASE_URL: "postgres://keeper:a@b@c:x/stock" }), 1_000);
  const error = await database.read("SELECT 1", [], signal).catch((caught: unknown) => caught);
  expect(mapError(error)).toMatchObject({ kind: "unauthenticated" });
  await database.close();
});
