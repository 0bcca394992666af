import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile, readdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { beforeEach, expect, onTestFinished, test } from "vitest";
import { createTokenStore, type StoredToken } from "../src/token-store.ts";
import { authorizationServer } from "./support/authorization-server.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "tokens-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
});

const key = { service: "Example" };
const sample = (accessToken: string): StoredToken => ({
  accessToken,
  refreshToken: `r-${accessToken}`,
  clientId: "c",
  tokenEndpoint: "https://x/token",
});

test("processes that find the token expired at the same moment send one refresh request, and all go on", async () => {
  const as = await authorizationServer();
  as.mood.refreshMs = 300;
  const { service } = as;
  const store = createTokenStore(folder, { onSecret: () => {} });
  // A refresh token that the server knows comes from a login by code.
  const { login } = await import("../src/oauth.ts");
  await login(service, {
    store,
    fetch,
    io: { print: () => {}, open: () => Promise.resolve(false) },
    wait: () => Promise.resolve(),
  });
  const token = await store.read({ service: service.name });
  await store.write({ service: service.name }, { ...token!, expiresAt: 1 });
  as.asked.length = 0;

  const at = Date.now() + 1_500;
  const module = (name: string) => JSON.stringify(new URL(`../src/${name}.ts`, import.meta.url).href);
  const program = `
    import { createTokenStore } from ${module("token-store")};
    import { storedCredential } from ${module("oauth")};
    const store = createTokenStore(${JSON.stringify(folder)}, { onSecret() {} });
    const credential = storedCredential(${JSON.stringify(service)}, store, { fetch });
    await new Promise((done) => setTimeout(done, ${at} - Date.now()));
    console.log(await credential.get());`;
  const run = promisify(execFile);
  const outputs = await Promise.all(
    [1, 2, 3].map(() =>
      run(process.execPath, ["--no-warnings", "--experimental-strip-types", "--input-type=module", "-e", program]),
    ),
  );
  const values = outputs.map(({ stdout }) => stdout.trim());
  expect(new Set(values)).toHaveLength(1);
  expect(values[0]).toMatch(/^access-2-/);
  expect(as.asked.map((form) => form["grant_type"])).toEqual(["refresh_token"]);
  expect((await store.read({ service: service.name }))?.accessToken).toBe(values[0]);
}, 30_000);

test("refresh compares before it swaps", async () => {
  const store = createTokenStore(folder, { onSecret: () => {} });
  await store.write(key, sample("new"));
  let renewals = 0;
  const renew = () => Promise.resolve((renewals++, sample("newer")));
  expect((await store.refresh(key, "old", renew)).accessToken).toBe("new");
  expect(renewals).toBe(0);
  const both = await Promise.all([store.refresh(key, "new", renew), store.refresh(key, "new", renew)]);
  expect(both.map(({ accessToken }) => accessToken)).toEqual(["newer", "newer"]);
  expect(renewals).toBe(1);
});

test("a failed refresh leaves the token and the lock as they were", async () => {
  const store = createTokenStore(folder, { onSecret: () => {} });
  await store.write(key, sample("kept"));
  await expect(store.refresh(key, "kept", () => Promise.reject(new Error("down")))).rejects.toThrow("down");
  expect((await store.read(key))?.accessToken).toBe("kept");
  expect(await readdir(join(folder, "tokens"))).toHaveLength(1);
  await expect(store.refresh({ service: "Other" }, "x", () => Promise.resolve(sample("y")))).rejects.toMatchObject({
    kind: "unauthenticated",
  });
});

test("every token it sees is told to the redactor, and a broken file is no token", async () => {
  const secrets: string[] = [];
  await createTokenStore(folder, { onSecret: () => {} }).write(key, sample("told"));
  const warnings: string[] = [];
  const store = createTokenStore(folder, {
    onSecret: (value) => secrets.push(value),
    log: { warn: (line) => warnings.push(line) },
  });
  await store.read(key);
  expect(secrets).toEqual(["told", "r-told"]);
  const [file] = await readdir(join(folder, "tokens"));
  await writeFile(join(folder, "tokens", file ?? ""), '{"v":1,"accessToken":"planted"');
  expect(await store.read(key)).toBeUndefined();
  expect(warnings.join()).toContain("was broken");
  expect(warnings.join()).not.toContain("planted");
});
