import { mkdtemp, readdir, readFile, rm, stat } from "node:fs/promises";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, describe, expect, onTestFinished, test, vi } from "vitest";
import { login, logout, type LoginOptions, storedCredential } from "../src/oauth.ts";
import { createTokenStore, type TokenStore } from "../src/token-store.ts";
import { type AuthorizationServer, authorizationServer } from "./support/authorization-server.ts";

let as: AuthorizationServer;
let folder: string;
let store: TokenStore;
let secrets: string[];
let printed: string[];
let waits: number[];
let clock: number;

beforeEach(async () => {
  as = await authorizationServer();
  folder = await mkdtemp(join(tmpdir(), "oauth-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  secrets = [];
  printed = [];
  waits = [];
  clock = Date.now();
  store = createTokenStore(folder, { onSecret: (value) => secrets.push(value) });
});

const options = (more: Partial<LoginOptions> = {}): LoginOptions => ({
  store,
  fetch,
  io: { print: (line) => printed.push(line), open: () => Promise.resolve(false) },
  now: () => clock,
  wait: (ms) => {
    waits.push(ms);
    clock += ms;
    return Promise.resolve();
  },
  ...more,
});

/** A browser with a person who agrees; `through` may change the way back. */
function browser(through: (redirect: string) => Promise<unknown> = (redirect) => fetch(redirect)): LoginOptions {
  const open = async (address: string) => {
    await through(await as.approve(address));
    return true;
  };
  return options({ method: "browser", io: { print: (line) => printed.push(line), open } });
}

/** Asks with a Host header of its own, which fetch would not let through. */
async function get(url: string, host?: string, method = "GET"): Promise<number> {
  return await new Promise((resolve, reject) => {
    request(url, { method, headers: host === undefined ? {} : { host } }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    })
      .on("error", reject)
      .end();
  });
}

describe("login by code (RFC 8628)", () => {
  test("shows address and code, asks at the interval, slows down when told", async () => {
    as.script.push(
      { error: "authorization_pending" },
      { error: "slow_down" },
      { error: "authorization_pending" },
      { error: "slow_down", interval: 30 },
    );
    const token = await login(as.service, options());
    expect(printed).toEqual(["To log in to Example, open https://example.test/device and enter the code ABCD-EFGH"]);
    expect(waits).toEqual([5_000, 5_000, 10_000, 10_000, 30_000]);
    expect(token).toMatchObject({ scopes: ["repo", "read:user"], expiresAt: clock + 3_600_000 });
    expect(as.asked[0]).toEqual({
      grant_type: "urn:ietf:params:oauth:grant-type:device_code",
      device_code: "device-secret",
      client_id: "client-1",
    });
    expect(await storedCredential(as.service, store).get()).toBe(token.accessToken);
    expect(secrets).toEqual(expect.arrayContaining([token.accessToken, token.refreshToken]));
  });

  test.for<[string, string]>([
    ["access_denied", "denied"],
    ["expired_token", "timeout"],
    ["incorrect_client_credentials", "denied"],
  ])("%s ends it as %s", async ([error, kind]) => {
    as.script.push({ error, error_description: "planted-prose" });
    await expect(login(as.service, options())).rejects.toMatchObject({
      kind,
      message: expect.not.stringContaining("planted") as string,
    });
    expect(store.has({ service: "Example" })).toBe(false);
  });

  test("gives up when the code is too old", async () => {
    as.script.push(...Array.from({ length: 500 }, () => ({ error: "authorization_pending" })));
    await expect(login(as.service, options())).rejects.toMatchObject({
      kind: "timeout",
      message: "The code was not entered in time.",
    });
    expect(as.asked).toHaveLength(180);
  });

  test("asks half as often after the connection failed", async () => {
    let failures = 2;
    const flaky: typeof fetch = (input, init) =>
      String(input as string).endsWith("/token") && failures-- > 0
        ? Promise.reject(
            new TypeError("fetch failed", { cause: Object.assign(new Error("x"), { code: "ECONNRESET" }) }),
          )
        : fetch(input, init);
    await login(as.service, options({ fetch: flaky }));
    expect(waits).toEqual([5_000, 10_000, 20_000]);
  });

  test("shows nothing that could steer a terminal", async () => {
    const evil: typeof fetch = () =>
      Promise.resolve(
        Response.json({ device_code: "d", user_code: "\u001b[2Jx", verification_uri: "https://example.test" }),
      );
    await expect(login(as.service, options({ fetch: evil }))).rejects.toMatchObject({ kind: "denied" });
    const file: typeof fetch = () =>
      Promise.resolve(Response.json({ device_code: "d", user_code: "A", verification_uri: "file:///etc" }));
    await expect(login(as.service, options({ fetch: file }))).rejects.toMatchObject({ kind: "denied" });
    expect(printed).toEqual([]);
  });
});

describe("login in the browser (RFC 8252, RFC 7636)", () => {
  test("works, and sends PKCE S256 and the exact redirect address", async () => {
    const pages: Response[] = [];
    const token = await login(
      as.service,
      browser(async (redirect) => pages.push(await fetch(redirect))),
    );
    const address = new URL(printed[1] ?? "");
    expect(Object.fromEntries(address.searchParams)).toMatchObject({
      response_type: "code",
      client_id: "client-1",
      scope: "repo read:user",
      code_challenge_method: "S256",
      redirect_uri: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/callback$/) as string,
    });
    expect(as.asked[0]?.["code_verifier"]).toMatch(/^[\w-]{43}$/);
    expect(token.accessToken).toMatch(/^access-1-/);
    expect(pages[0]?.status).toBe(200);
    expect(pages[0]?.headers.get("content-security-policy")).toContain("default-src 'none'");
    expect(await pages[0]?.text()).toContain("You can close this page.");
  });

  test("when no browser opens, the printed address is enough", async () => {
    const running = login(as.service, options({ method: "browser" }));
    await vi.waitFor(() => expect(printed).toHaveLength(2));
    await fetch(await as.approve(printed[1] ?? ""));
    expect((await running).accessToken).toMatch(/^access-1-/);
  });

  test("wrong state, path, method or host do not end it; the right answer counts once", async () => {
    const seen: number[] = [];
    const token = await login(
      as.service,
      browser(async (redirect) => {
        const forged = new URL(redirect);
        forged.searchParams.set("state", "forged");
        const elsewhere = new URL(redirect);
        elsewhere.pathname = "/callback/";
        const rebound = `evil.test:${new URL(redirect).port}`;
        seen.push(
          await get(forged.href),
          await get(elsewhere.href),
          await get(redirect, rebound),
          await get(redirect, undefined, "POST"),
        );
        seen.push(await get(redirect), await get(redirect).catch(() => 400));
      }),
    );
    expect(seen).toEqual([400, 404, 404, 404, 200, 400]);
    expect(token.accessToken).toMatch(/^access-1-/);
    expect(as.asked).toHaveLength(1);
  });

  test("a refusal on the page ends it", async () => {
    as.mood.deny = "access_denied";
    await expect(login(as.service, browser())).rejects.toMatchObject({
      kind: "denied",
      message: "The login was refused on the page of the service.",
    });
    as.mood.deny = "<script>planted</script>";
    await expect(login(as.service, browser())).rejects.toMatchObject({
      message: "The service did not allow the login (unknown error).",
    });
  });

  test("another server's answer is refused where iss is expected (RFC 9207)", async () => {
    const service = { ...as.service, issuer: "https://as.example" };
    await expect(login(service, browser())).rejects.toMatchObject({ kind: "denied" });
    as.mood.iss = "https://other.example";
    await expect(login(service, browser())).rejects.toMatchObject({ kind: "denied" });
    expect(as.asked).toEqual([]);
    as.mood.iss = "https://as.example";
    expect((await login(service, browser())).accessToken).toMatch(/^access-/);
  });

  test("nobody is waited for without end, and a cancel ends it", async () => {
    await expect(login(as.service, options({ method: "browser", timeoutMs: 30 }))).rejects.toMatchObject({
      kind: "timeout",
    });
    const signal = AbortSignal.timeout(30);
    await expect(login(as.service, options({ method: "browser", signal }))).rejects.toMatchObject({
      name: "TimeoutError",
    });
  });

  test("is not done without encryption, except on this machine", async () => {
    const service = { ...as.service, tokenEndpoint: "http://example.test/token" };
    await expect(login(service, options())).rejects.toMatchObject({ kind: "denied" });
  });
});

describe("the stored token", () => {
  test("lies in files of the owner, one per account", async ({ skip }) => {
    await login(as.service, options());
    await login(as.service, options({ account: "ada/work" }));
    await login(as.service, options({ account: "ada work" }));
    const files = await readdir(join(folder, "tokens"));
    expect(files).toHaveLength(3);
    expect(
      new Set(
        await Promise.all(
          ["ada/work", "ada work", undefined].map((account) => storedCredential(as.service, store, { account }).get()),
        ),
      ),
    ).toHaveLength(3);
    if (process.platform === "win32") skip("no modes on Windows");
    for (const file of files) expect((await stat(join(folder, "tokens", file))).mode & 0o777).toBe(0o600);
    expect((await stat(join(folder, "tokens"))).mode & 0o777).toBe(0o700);
  });

  test("is renewed before it expires, and its refresh token is replaced", async () => {
    const first = await login(as.service, options());
    const credential = storedCredential(as.service, store, { now: () => clock });
    expect(await credential.get()).toBe(first.accessToken);
    clock += 3_539_000;
    expect(await credential.get()).toBe(first.accessToken);
    clock += 2_000;
    const [second, same] = await Promise.all([credential.get(), credential.get()]);
    expect(second).not.toBe(first.accessToken);
    expect(same).toBe(second);
    expect((await store.read({ service: "Example" }))?.refreshToken).not.toBe(first.refreshToken);
    clock += 3_600_000;
    expect(await credential.get()).toMatch(/^access-3-/);
  });

  test("is renewed once after the service refused it, and not again at once", async () => {
    const first = await login(as.service, options());
    const credential = storedCredential(as.service, store, { now: () => clock });
    credential.reject(await credential.get());
    const second = await credential.get();
    expect(second).not.toBe(first.accessToken);
    credential.reject(first.accessToken);
    expect(await credential.get()).toBe(second);
    credential.reject(second);
    expect(await credential.get()).toBe(second);
    clock += 31_000;
    expect(await credential.get()).toMatch(/^access-3-/);
  });

  test("one that cannot be renewed says so, without asking again and again", async () => {
    await login(as.service, options());
    const token = await store.read({ service: "Example" });
    await store.write({ service: "Example" }, { ...token!, refreshToken: "gone" });
    const credential = storedCredential(as.service, store, { now: () => clock, command: "mooring-example login" });
    clock += 3_600_000;
    const before = as.asked.length;
    const ended = {
      kind: "unauthenticated",
      hint: "Run `mooring-example login`.",
      message: expect.not.stringContaining("planted") as string,
    };
    await expect(credential.get()).rejects.toMatchObject(ended);
    await expect(credential.get()).rejects.toMatchObject(ended);
    expect(as.asked.length - before).toBe(1);
  });

  test("an outage of the authorization server does not cost the grant", async () => {
    await login(as.service, options());
    const credential = storedCredential(as.service, store, { now: () => clock });
    clock += 3_600_000;
    as.mood.status = 503;
    await expect(credential.get()).rejects.toMatchObject({ kind: "unavailable", retryable: true });
    as.mood.status = 200;
    expect(await credential.get()).toMatch(/^access-2-/);
  });

  test("is not used for another client or address", async () => {
    await login(as.service, options());
    for (const other of [{ clientId: "client-2" }, { tokenEndpoint: "https://elsewhere.example/token" }])
      await expect(storedCredential({ ...as.service, ...other }, store).get()).rejects.toMatchObject({
        kind: "unauthenticated",
      });
  });

  test("without one the login command is named", async () => {
    const credential = storedCredential(as.service, store);
    expect([credential.present, credential.source(), credential.problem]).toEqual([false, undefined, undefined]);
    await expect(credential.get()).rejects.toMatchObject({
      kind: "unauthenticated",
      message: "Nobody is logged in to Example.",
    });
    await login(as.service, options());
    expect([credential.present, credential.source()]).toEqual([true, "login"]);
    expect(await credential.get()).toMatch(/^access-1-/);
  });
});

describe("logout", () => {
  test("revokes both tokens (RFC 7009) and removes them", async () => {
    const token = await login(as.service, options());
    expect(await logout(as.service, { store, fetch })).toEqual({ removed: true, revoked: true });
    expect(as.revoked).toEqual([
      { token: token.refreshToken, token_type_hint: "refresh_token", client_id: "client-1" },
      { token: token.accessToken, token_type_hint: "access_token", client_id: "client-1" },
    ]);
    expect(await readdir(join(folder, "tokens"))).toEqual([]);
    expect(await logout(as.service, { store, fetch })).toEqual({ removed: false, revoked: false });
  });

  test("removes them also when the service cannot be told", async () => {
    await login(as.service, options());
    as.mood.status = 503;
    expect(await logout(as.service, { store, fetch })).toEqual({ removed: true, revoked: false });
  });
});

test("a service may read its token, name its scopes and fix its redirect in its own way", async () => {
  const answers: Record<string, string>[] = [];
  const service = {
    ...as.service,
    extra: {
      scopeParam: "user_scope",
      scopeSeparator: ",",
      redirect: { host: "localhost" as const, path: "/oauth/back" },
      readToken: (body: Readonly<Record<string, unknown>>) => body["authed_user"] as Record<string, unknown>,
    },
  };
  const send: typeof fetch = (_, init) => {
    answers.push(Object.fromEntries(init?.body as URLSearchParams));
    return Promise.resolve(Response.json({ ok: true, authed_user: { access_token: "xoxp-own", scope: "a,b" } }));
  };
  const token = await login(service, { ...browser(), fetch: send });
  const address = new URL(printed[1] ?? "");
  expect(address.searchParams.get("user_scope")).toBe("repo,read:user");
  expect(answers[0]?.["redirect_uri"]).toMatch(/^http:\/\/localhost:\d+\/oauth\/back$/);
  expect(token).toMatchObject({ accessToken: "xoxp-own", scopes: ["a", "b"] });
  const files = await readdir(join(folder, "tokens"));
  expect(await readFile(join(folder, "tokens", files[0] ?? ""), "utf8")).toContain('"v":1');
});
