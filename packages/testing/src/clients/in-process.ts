import { connect as connectCore, type ConnectOptions, type Era, type TestClient } from "@mooring/core/testing";
import type { ServerDefinition } from "@mooring/core";
import { keep } from "../artifacts.ts";
import { printTranscript, record, type TranscriptEntry } from "./transcript.ts";

export interface InProcessClient extends TestClient {
  /** Every message since the client has been connected, oldest first. */
  readonly transcript: readonly TranscriptEntry[];
}

/**
 * A real client wired to the server within the process: `await using mcp = await connect(server, { deps })`. The one of
 * `@mooring/core/testing`, with its transcript among the artifacts of a failing test.
 */
export async function connect<Deps extends object>(
  definition: ServerDefinition<Deps>,
  options: ConnectOptions<Deps>,
  era?: Era,
): Promise<InProcessClient> {
  const connected = await connectCore(definition, options, era);
  const { transport } = connected.client;
  const transcript = transport ? record(transport) : [];
  const forget = keep("transcript.log", () => printTranscript(transcript));
  return {
    ...connected,
    transcript,
    async [Symbol.asyncDispose]() {
      await forget();
      await connected[Symbol.asyncDispose]();
    },
  };
}
