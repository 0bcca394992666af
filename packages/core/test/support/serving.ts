import { onTestFinished, vi } from "vitest";
import type { ServerDefinition } from "../../src/definition.ts";
import { serveOverHttp } from "../../src/http.ts";
import { createLog } from "../../src/log.ts";
import { createRedactor } from "../../src/redact.ts";
import type { RuntimeOptions } from "../../src/runtime.ts";
import { prepare } from "../../src/server.ts";

/** A definition over HTTP on a free loopback port, until the test ends. */
export async function servedOverHttp<Deps extends object>(
  definition: ServerDefinition<Deps>,
  { maxBody, ...options }: RuntimeOptions & { readonly deps: Deps; readonly maxBody?: number },
) {
  // The line that says where it listens.
  vi.spyOn(process.stderr, "write").mockReturnValueOnce(true);
  const prepared = prepare(definition, options);
  const serving = await serveOverHttp(prepared, {
    server: definition.name,
    config: {
      listen: "127.0.0.1:0",
      admin: undefined,
      allowedHosts: [],
      httpToken: { present: false, get: () => Promise.resolve("") },
    },
    host: { log: options.log ?? createLog({ level: "silent", redactor: createRedactor("own") }) },
    ...(maxBody !== undefined && { maxBody }),
  });
  onTestFinished(async () => {
    await serving.close();
    prepared.close();
  });
  return { prepared, url: serving.url };
}
