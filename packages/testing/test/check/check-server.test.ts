import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { checkServer, type CheckOptions } from "../../src/check/check-server.ts";
import type { Group, Report, Status } from "../../src/check/report.ts";

const fixture = fileURLToPath(new URL("fixture.mjs", import.meta.url));

function checkFixture(fault: string, options: CheckOptions = {}): Promise<Report> {
  // Two seconds for an answer: plenty for a fixture, and short for those that never answer.
  return checkServer({ command: process.execPath, args: [fixture, fault], timeoutMs: 8_000, ...options });
}

/** What failed and what warns: `["fail conformance/ping"]`. */
function findings({ checks }: Report): string[] {
  return checks.flatMap(({ status, id }) => (status === "fail" || status === "warn" ? [`${status} ${id}`] : []));
}

function find({ checks }: Report, id: string) {
  return checks.find((check) => check.id === id);
}

test("a good server passes everything, in both revisions", async () => {
  const report = await checkFixture("none");
  expect(findings(report)).toEqual([]);
  expect(report).toMatchObject({
    ok: true,
    server: { name: "fixture", version: "1.0.0" },
    revisions: ["2025-11-25", "2026-07-28"],
    counts: { fail: 0, warn: 0, skip: 0 },
    tools: { count: 1 },
  });
  expect(report.startMs).toBeGreaterThan(0);
  expect(report.checks.length).toBeGreaterThan(35);
  expect(find(report, "conformance/malformed-line")?.detail).toBe("error -32700");
  expect(find(report, "conformance/tools/list")?.detail).toBe("1 in 2 pages");
});

const faults: readonly (readonly [fault: string, status: Status, id: string, detail: RegExp])[] = [
  ["exits", "fail", "start/initialize", /^the server ended: exit status 3; stderr: no configuration$/],
  ["dies-of-discover", "fail", "start/discover", /to server\/discover, initialize gets the server ended/],
  ["discover-without-ttl", "fail", "start/discover", /has no ttlMs/],
  ["nameless", "fail", "start/server-info", /has no name/],
  ["banner", "fail", "start/quiet", /^not JSON: "Fixture server 1\.0\.0"$/],
  ["chatty", "fail", "stdout/messages", /^not JSON: "Listing tools", and \d+ more$/],
  ["no-utf8", "fail", "stdout/messages", /^not UTF-8/],
  ["no-input-schema", "fail", "surface/schemas", /^other has no inputSchema$/],
  ["wrong-root", "fail", "surface/schemas", /^the input schema of other is not of type object$/],
  ["bad-schema", "fail", "surface/schemas", /^the input schema of other is invalid/],
  ["same-name", "fail", "surface/unique-names", /^read$/],
  ["dotted-name", "warn", "surface/names", /^read\.more$/],
  ["hidden-text", "warn", "surface/hidden-text", /^other: has invisible characters/],
  ["uri-format", "warn", "surface/portability", /^has the format uri: other input\.path$/],
  ["camel-case", "warn", "surface/style", /^is not in snake_case: other input\.fullPath$/],
  ["no-ping", "fail", "conformance/ping", /^2025-11-25: error -32601/],
  ["mute-ping", "fail", "conformance/ping", /^2025-11-25: no answer within 2 s$/],
  ["full-ping", "warn", "conformance/ping", /pong/],
  ["mute-unknown", "fail", "conformance/unknown-method", /no answer within 2 s/],
  ["answers-anything", "fail", "conformance/unknown-method", /the result \{/],
  ["other-code", "warn", "conformance/unknown-method", /error -32000 .*, not -32601/],
  ["numbers-as-ids", "fail", "conformance/ids", /no answer to the id "424242".*instead came answers to 424242/],
  ["zero-is-no-id", "fail", "conformance/ids", /no answer to the id 0$/],
  ["dies-of-unknown-tool", "fail", "conformance/unknown-tool", /the server ended: exit status 1/],
  ["unknown-tool-as-result", "warn", "conformance/unknown-tool", /with isError/],
  ["trusting", "fail", "conformance/wrong-arguments", /read answered .* as if nothing were wrong/],
  ["internal-error", "warn", "conformance/wrong-arguments", /read: error -32603/],
  ["empty-contents", "fail", "conformance/unknown-resource", /"contents":\[\]/],
  ["dies-after-its-answer", "fail", "conformance/unknown-prompt", /afterwards, the server ended: exit status 1/],
  ["any-prompt", "fail", "conformance/unknown-prompt", /"messages":\[\]/],
  ["overrun", "fail", "conformance/concurrent", /^2025-11-25: \d+ of 20: no answer/],
  ["echoes-version", "fail", "conformance/version-negotiation", /it agrees to "1999-01-01"/],
  ["any-version", "fail", "conformance/unsupported-version", /the result/],
  ["any-later-version", "warn", "conformance/unsupported-version", /as the first request; later, tools\/list gets/],
  ["dies-early", "fail", "conformance/before-initialize", /initialize then gets the server ended/],
  ["endless-cursor", "fail", "conformance/tools/list", /the same nextCursor/],
  ["resource-without-name", "fail", "conformance/resources/list", /lacks uri or name: .*fixture:/],
  ["no-templates", "warn", "conformance/resources/templates/list", /error -32601/],
  ["undeclared-prompts", "fail", "conformance/prompts/list", /1 are listed, but not declared/],
  ["hangs-on-cursor", "fail", "conformance/made-up-cursor", /no answer/],
  ["any-code-for-cursor", "warn", "conformance/made-up-cursor", /error -32000 .*, not -32602/],
  ["subscribe-in-name-only", "fail", "conformance/capabilities", /declared, but there is no resources\/subscribe/],
  ["logging-in-name-only", "fail", "conformance/capabilities", /declared, but there is no logging\/setLevel/],
  ["no-ttl", "fail", "conformance/result-fields", /tools\/list has no ttlMs/],
  ["dies-of-malformed", "fail", "conformance/malformed-line", /the server ended/],
  ["odd-code-for-malformed", "warn", "conformance/malformed-line", /error -1, not -32700/],
  ["dies-of-empty-line", "fail", "conformance/empty-line", /the server ended/],
  ["dies-of-non-message", "fail", "conformance/not-a-message", /the server ended/],
  ["answers-notifications", "fail", "conformance/notifications", /^2025-11-25: it was answered/],
  ["dies-of-cancelled", "fail", "conformance/cancelled", /the server ended/],
  ["dies-of-big-lines", "fail", "conformance/big-line", /the server ended/],
  ["asks-client", "fail", "conformance/no-server-requests", /it sent roots\/list/],
];

test.concurrent.for(faults)("%s: %s %s", async ([fault, status, id, detail]) => {
  // How a session ends has tests of its own, and what comes before the protocol is not to be seen there either.
  const skip: Group[] = id.startsWith("conformance/") ? ["orphans"] : ["conformance", "orphans"];
  const report = await checkFixture(fault, { skip });
  expect(findings(report)).toEqual([`${status} ${id}`]);
  expect(find(report, id)?.detail).toMatch(detail);
  expect(report.ok).toBe(status === "warn");
});

test.concurrent("a server of one revision is checked in that one", async () => {
  const [older, newer] = await Promise.all([checkFixture("only-2025"), checkFixture("only-2026")]);
  expect(findings(older)).toEqual([]);
  expect(older.revisions).toEqual(["2025-11-25"]);
  expect(find(older, "start/discover")?.detail).toBe("does not offer 2026-07-28; initialize works after the probe");
  expect(find(older, "conformance/result-fields")).toMatchObject({
    status: "skip",
    detail: "the server does not offer 2026-07-28",
  });
  expect(findings(newer)).toEqual([]);
  expect(newer.revisions).toEqual(["2026-07-28"]);
  expect(find(newer, "start/initialize")).toMatchObject({ status: "skip" });
  expect(find(newer, "conformance/ping")).toMatchObject({ status: "skip" });
});

test.concurrent("a server that never answers is given up, and that is all", async () => {
  const report = await checkFixture("mute", { timeoutMs: 1_000 });
  expect(report.checks).toEqual([
    expect.objectContaining({
      id: "start/initialize",
      status: "fail",
      detail: "no answer within 1 s; stderr: the fixture logs to stderr",
    }),
  ]);
});

test.concurrent("a command that cannot be started is one finding", async (context) => {
  context.skip(process.platform === "win32", "Windows starts a shell, which says it in its own words");
  const report = await checkServer({ command: "no-such-command-here", args: ["x"] });
  expect(report).toMatchObject({ target: "no-such-command-here x", ok: false, revisions: [], counts: { fail: 1 } });
  expect(report.checks).toHaveLength(1);
  expect(report.checks[0]?.detail).toBe(
    "the server ended: it could not be started (spawn no-such-command-here ENOENT)",
  );
});

test.concurrent("a server that needs settings is told that catalogues have none", async () => {
  const env = { FIXTURE_TOKEN: "secret-value" };
  const report = await checkFixture("needs-variable", { env, skip: ["conformance", "orphans"] });
  expect(findings(report)).toEqual(["warn start/empty-environment"]);
  expect(find(report, "start/empty-environment")?.detail).toMatch(/exit status 1; stderr: FIXTURE_TOKEN is not set$/);
});

test.concurrent("variables reach the server and not the report; others do not reach it", async () => {
  process.env["FIXTURE_TOKEN"] = "inherited";
  const options = { skip: ["conformance", "orphans", "surface"] as const };
  const env = { FIXTURE_TOKEN: "secret-value" };
  const [told, untold] = await Promise.all([
    checkFixture("prints-variable", { ...options, env }),
    checkFixture("prints-variable", options),
  ]);
  expect(find(told, "start/quiet")?.detail).toBe('not JSON: "***"');
  expect(find(untold, "start/quiet")?.detail).toBe('not JSON: "undefined"');
});

test.concurrent("a tool that does not say that it only reads is never called", async () => {
  const report = await checkFixture("changing-tool", { skip: ["orphans"] });
  expect(findings(report)).toEqual([]);
  expect(find(report, "conformance/wrong-arguments")).toMatchObject({
    status: "skip",
    detail: "no tool says readOnlyHint: true and has arguments that can be wrong",
  });
});

test.concurrent("tokens fail only above the limit", async () => {
  const skip = ["start", "conformance", "orphans", "surface"] as const;
  const [below, above] = await Promise.all([
    checkFixture("none", { skip, maxTokens: 500 }),
    checkFixture("none", { skip, maxTokens: 5 }),
  ]);
  expect(below.checks.map(({ id }) => id)).toEqual(["stdout/messages", "tokens/total"]);
  expect(findings(below)).toEqual([]);
  expect(findings(above)).toEqual(["fail tokens/total"]);
  expect(find(above, "tokens/total")?.detail).toMatch(/^\d+ tokens in 1 tool \(read \d+\)$/);
});

test("there is to be something to check, and on this machine unless that is said", async () => {
  await expect(checkServer({})).rejects.toThrow("Name a command or a URL");
  await expect(checkServer({ url: "https://example.com/mcp" })).rejects.toThrow("on another machine");
});
