import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { keepArtifacts } from "../../src/artifacts.ts";
import type { Emulated } from "../../src/services/emulated.ts";
import { startGitHub, startSlack } from "../../src/services/emulators.ts";
import { startAll } from "../../src/services/start-all.ts";
import { allowedModes } from "../allowed-modes.ts";

let github: Emulated;
let slack: Emulated;
let services: AsyncDisposable | undefined;

beforeAll(async () => {
  const repos = [{ owner: "octocat", name: "hello", auto_init: true }];
  const started = await startAll({ github: () => startGitHub({ repos }), slack: startSlack });
  ({ github, slack } = started);
  services = started;
});
afterAll(() => services?.[Symbol.asyncDispose]());
beforeEach(async (context) => {
  keepArtifacts(context);
  await Promise.all([github.reset(), slack.reset()]);
});

function ask({ url, token }: Emulated, path: string, init: RequestInit = {}): Promise<Response> {
  const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
  return fetch(url + path, { ...init, headers });
}

function post(service: Emulated, path: string, body: object): Promise<Response> {
  return ask(service, path, { method: "POST", body: JSON.stringify(body) });
}

test("both run as TEST_SERVICES says", () => {
  expect(allowedModes()).toContain(github.mode);
  expect(slack.mode).toBe(github.mode);
});

test("GitHub knows its user, its seed and its own address", async () => {
  expect(await (await ask(github, "/user")).json()).toMatchObject({ login: "octocat" });
  const repo = (await (await ask(github, "/repos/octocat/hello")).json()) as { url: string };
  expect(repo.url).toBe(`${github.url}/repos/octocat/hello`);
  expect((await fetch(`${github.url}/user`)).status).toBe(401);
});

test("Slack knows its team and its channel", async () => {
  expect(await (await post(slack, "/api/auth.test", {})).json()).toMatchObject({ ok: true });
  const { channels } = (await (await post(slack, "/api/conversations.list", {})).json()) as { channels: object[] };
  expect(channels).toContainEqual(expect.objectContaining({ name: "general" }));
});

test("reset goes back to the seed, and forgets faults and hits", async () => {
  expect((await post(github, "/repos/octocat/hello/issues", { title: "one" })).status).toBe(201);
  await github.faults([{ status: 500 }]);
  expect(await github.hits()).toHaveLength(1);
  await github.reset();
  expect(await github.hits()).toEqual([]);
  const issues = await ask(github, "/repos/octocat/hello/issues");
  expect([issues.status, await issues.json()]).toEqual([200, []]);
});

test("faults apply in order, as often as they say, to what they match", async () => {
  const limited = { status: 403, headers: { "retry-after": "7" }, body: { message: "secondary rate limit" } };
  await github.faults([{ match: "/user", method: "GET", times: 1, ...limited }]);
  expect((await ask(github, "/zen")).status).toBe(200);
  const first = await ask(github, "/user");
  expect([first.status, first.headers.get("retry-after"), await first.json()]).toEqual([403, "7", limited.body]);
  expect((await ask(github, "/user")).status).toBe(200);
  expect(await github.hits()).toEqual(["/zen", "/user", "/user"].map((url) => ({ method: "GET", url })));
});

test("a fault can delay the truth, or break the connection", async () => {
  await github.faults([{ delayMs: 150, times: 1 }, { abort: true }]);
  const began = performance.now();
  expect((await ask(github, "/user")).status).toBe(200);
  expect(performance.now() - began).toBeGreaterThanOrEqual(149);
  await expect(ask(github, "/user")).rejects.toThrow("fetch failed");
  await github.faults([]);
  expect((await ask(github, "/user")).status).toBe(200);
});
