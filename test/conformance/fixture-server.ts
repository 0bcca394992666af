// Serves the conformance fixtures over core's HTTP edge: `node fixture-server.ts` prints the URL.
import { createRequestStateCodec, type ServerContext } from "@modelcontextprotocol/server";
import { prepare } from "@mooring/core";
import { type HttpServing, serveOverHttp } from "@mooring/core/http";
import { type Deps, fixtures } from "./fixtures.ts";
import { rawTools, withRawTools } from "./raw-fixtures.ts";

const principal = ({ http }: ServerContext) => http?.authInfo?.clientId ?? "local";

/** Core's `prepare` and HTTP edge, with the raw fixtures added to each server it makes. */
export async function startFixtureServer(): Promise<HttpServing> {
  const deps: Deps = { watchers: new Set() };
  const stateKey = "conformance-conformance-conformance";
  const prepared = prepare(fixtures, { deps, concurrency: 0, stateKey });
  // The same key and binding as core's own, so that core verifies what the fixtures mint.
  const codec = createRequestStateCodec<object>({ key: stateKey, ttlSeconds: 600, bind: principal });
  const tools = rawTools(
    (kind) => prepared.notifyListChanged(kind),
    (payload, context) => codec.mint(payload, context),
  );
  return serveOverHttp(
    { ...prepared, idle: () => prepared.idle(), factory: withRawTools(prepared, tools) },
    {
      server: "conformance",
      config: {
        listen: "127.0.0.1:0",
        admin: undefined,
        allowedHosts: [],
        httpToken: { present: false, get: () => Promise.resolve("") },
      },
      host: { log: silent },
    },
  );
}

const silent = { error() {}, warn() {}, info() {}, debug() {}, enabled: () => false, child: () => silent };

if (import.meta.main) await startFixtureServer();
