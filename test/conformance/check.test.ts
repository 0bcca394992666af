import { fileURLToPath } from "node:url";
import { checkServer, type Report } from "@mooring/testing";
import { describe, expect, test } from "vitest";
import { productServers } from "../product-servers.ts";

/** `["warn conformance/unknown-tool"]` */
function findings({ checks }: Report): string[] {
  return checks.flatMap(({ status, id }) => (status === "fail" || status === "warn" ? [`${status} ${id}`] : []));
}

const plain = (name: string) => fileURLToPath(new URL(`plain-servers/${name}.ts`, import.meta.url));

describe.for(productServers)("$name", (server) => {
  test("passes what any server is checked for", async () => {
    await using sample = await server.sample();
    const { args, env } = sample;
    const report = await checkServer({ command: process.execPath, args: [server.bin, ...args], env });
    expect(findings(report)).toEqual([]);
    expect(report.revisions).toEqual(["2025-11-25", "2026-07-28"]);
  });
});

describe("servers with nothing of ours", () => {
  test("on the SDK of 2026, over HTTP too", { timeout: 120_000 }, async () => {
    const report = await checkServer({ command: process.execPath, args: [plain("sdk-v2")], http: true });
    // What SDK 2.4.0 leaves to its users: looking at Host and Origin, sessions, and the version of later requests.
    expect(findings(report)).toEqual([
      "warn conformance/unsupported-version",
      "fail http/2025-11-25/dns-rebinding-protection",
      "warn http/2025-11-25/server-sse-multiple-streams",
      "fail http/2026-07-28/dns-rebinding-protection",
      "warn http/2026-07-28/server-stateless",
    ]);
    expect(report.counts.pass).toBeGreaterThan(40);
  });

  test("on the SDK of 2025", async () => {
    const report = await checkServer({ command: process.execPath, args: [plain("sdk-v1")] });
    expect(report.revisions).toEqual(["2025-11-25"]);
    expect(findings(report)).toEqual(["warn conformance/unknown-tool"]);
  });
});
