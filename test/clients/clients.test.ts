import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { productServers, serveOverHttp, type Serving } from "../product-servers.ts";
import { aiSdk } from "./ai-sdk.ts";
import type { ForeignClient, Target, Transport } from "./client.ts";
import { inspectors } from "./inspector.ts";
import { mcpCli } from "./mcp-cli.ts";
import { mcporter } from "./mcporter.ts";
import { sdkV1 } from "./sdk-v1.ts";
import { sdkV2Clients } from "./sdk-v2.ts";

const clients: readonly ForeignClient[] = [...inspectors, sdkV1, ...sdkV2Clients, aiSdk, mcpCli, mcporter];
const cases = clients.flatMap((client) =>
  client.transports.map((transport) => [client.name, transport, client] as const),
);
const listing = cases.filter(([, , client]) => client.list);

describe.for(productServers)("$name", (server) => {
  let serving: Serving;
  const scratch = mkdtempSync(join(tmpdir(), "clients-"));

  beforeAll(async () => {
    serving = await serveOverHttp(server);
  });
  afterAll(async () => {
    await serving?.[Symbol.asyncDispose]();
    rmSync(scratch, { recursive: true, force: true });
  });

  const target = (transport: Transport): Target => ({
    transport,
    command: process.execPath,
    args: [server.bin, ...serving.sample.args],
    env: { ...serving.sample.env, HOME: scratch },
    url: serving.url,
    folder: scratch,
  });

  test.for(listing)("%s lists over %s", { timeout: 90_000 }, async ([, transport, client]) => {
    const names = await client.list?.(target(transport));
    expect(names).toContain(serving.sample.call.tool);
  });

  test.for(cases)("%s calls over %s", { timeout: 90_000 }, async ([, transport, client]) => {
    const { call } = serving.sample;
    const text = await client.call(target(transport), call.tool, call.arguments);
    expect(text).toContain(call.contains);
  });
});
