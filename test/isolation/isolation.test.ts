import { keepArtifacts, recordConnections } from "@mooring/testing";
import { beforeEach, expect, test } from "vitest";
import { productServers } from "../product-servers.ts";

beforeEach(keepArtifacts);

// No telemetry, no update check, no look-up of anything: PRIVACY.md says so, and this is how we know.
test.for(productServers)("$name reaches nothing but its service", async ({ bin, sample }, { annotate }) => {
  await using running = await sample();
  const { call } = running;
  const seen = await recordConnections(
    process.execPath,
    [bin, ...running.args],
    async (session) => {
      expect((await session.client.listTools()).tools.length).toBeGreaterThan(0);
      const answer = await session.call(call.tool, { ...call.arguments });
      expect(JSON.stringify(answer.content)).toContain(call.contains);
      // Whoever phones home in the background does so soon after the start.
      await new Promise((resolve) => setTimeout(resolve, 1_500));
    },
    { env: running.env, cwd: running.folder, services: running.services },
  );
  await annotate(`witness: ${seen.witness}${seen.isolated ? ", in a network namespace of its own" : ""}`);
  expect(seen.others).toEqual([]);
  expect(seen.toServices > 0).toBe(running.services.length > 0);
});
