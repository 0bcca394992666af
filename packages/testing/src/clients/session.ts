import { type CallToolResult, Client, type Transport, type VersionNegotiationMode } from "@modelcontextprotocol/client";
import { keep } from "../artifacts.ts";
import { printTranscript, record, type TranscriptEntry } from "./transcript.ts";

/** How a client opens: the 2026-07-28 revision alone, `initialize` alone, or whatever the server speaks. */
export type ClientEra = "2026" | "2025" | "auto";

const negotiation: Record<ClientEra, VersionNegotiationMode> = {
  "2026": { pin: "2026-07-28" },
  "2025": "legacy",
  auto: "auto",
};

/** What every client of a test can be told. */
export interface SessionOptions {
  /** Default: "2026". */
  readonly era?: ClientEra;
  /** Answers elicitations: `true` agrees, `false` declines, left out: a client that cannot be asked. */
  readonly answer?: (message: string) => boolean | Promise<boolean>;
  /** Milliseconds for connecting. Default: 20,000. */
  readonly timeoutMs?: number;
}

/** A connected client. Its transcript is among the artifacts of a failing test. */
export interface Session extends AsyncDisposable {
  readonly client: Client;
  /** Every message so far, oldest first. */
  readonly transcript: readonly TranscriptEntry[];
  call(name: string, args?: Record<string, unknown>): Promise<CallToolResult>;
  close(): Promise<void>;
}

/** Connects over a transport that has not been started. Throws what connecting throws. */
export async function openSession(transport: Transport, options: SessionOptions = {}): Promise<Session> {
  const { era = "2026", answer, timeoutMs = 20_000 } = options;
  const transcript = record(transport);
  const forget = keep("transcript.log", () => printTranscript(transcript));
  const client = new Client(
    { name: "mooring-testing", version: "0.0.0" },
    { capabilities: answer ? { elicitation: { form: {} } } : {}, versionNegotiation: { mode: negotiation[era] } },
  );
  if (answer)
    client.setRequestHandler("elicitation/create", async ({ params }) =>
      (await answer(params.message)) ? { action: "accept", content: { confirm: true } } : { action: "decline" },
    );
  async function close(): Promise<void> {
    await forget();
    await client.close();
  }
  try {
    await client.connect(transport, { timeout: timeoutMs });
  } catch (error) {
    await close();
    throw error;
  }
  return {
    client,
    transcript,
    call: (name, args = {}) => client.callTool({ name, arguments: args }),
    close,
    [Symbol.asyncDispose]: close,
  };
}
