// What a server must bear.
import type { Peer } from "../bench.ts";
import { describe, fail, type Outcome, pass, warn } from "../outcome.ts";
import { spec } from "../report.ts";
import type { Check } from "./check.ts";

/** Sends something that wants no answer, and a request behind it; only errors without an id, with these codes, may come. */
async function bears(peer: Peer, send: () => void, allowed: readonly number[]): Promise<Outcome> {
  const before = peer.session.strays.length;
  send();
  const answer = await peer.fence();
  if (answer.kind === "silence" || answer.kind === "end") return fail(describe(answer));
  // An answer that overtakes none may still be under way.
  await peer.fence();
  const [stray] = peer.session.strays.slice(before);
  if (!stray) return pass();
  if (allowed.length === 0 || (stray.id ?? null) !== null) return fail(`it was answered: ${JSON.stringify(stray)}`);
  const code = stray.error?.code ?? 0;
  return allowed.includes(code) ? pass(`error ${code}`) : warn(`error ${code}, not ${allowed.join(" or ")}`);
}

const stdio = spec("2026-07-28", "basic/transports/stdio");
const staysUp = "Catch what reading a message throws, log it to stderr, and go on with the next line.";

export const robustness: readonly Check[] = [
  {
    id: "conformance/malformed-line",
    in: "any",
    expected: "ignores a line that is not JSON, or answers it with -32700, and goes on",
    spec: stdio,
    advice: staysUp,
    run: (peer) => bears(peer, () => peer.session.write('{"jsonrpc":"2.0","id":1,"method":\n'), [-32_700, -32_600]),
  },
  {
    id: "conformance/empty-line",
    in: "any",
    expected: "ignores an empty line, or answers it with -32700, and goes on",
    spec: stdio,
    advice: staysUp,
    run: (peer) => bears(peer, () => peer.session.write("\n"), [-32_700, -32_600]),
  },
  {
    id: "conformance/not-a-message",
    in: "any",
    expected: "ignores JSON that is no JSON-RPC message, or answers it with -32600, and goes on",
    spec: stdio,
    advice: staysUp,
    run: (peer) => bears(peer, () => peer.session.write('42\n{"mooring":true}\n'), [-32_600, -32_700]),
  },
  {
    id: "conformance/notifications",
    expected: "never answers a notification",
    spec: spec("2025-11-25", "basic#notifications"),
    advice: "Answer only what has an id; ignore notifications that you do not know.",
    run: (peer) => bears(peer, () => peer.session.notify("notifications/mooring-unknown", {}), []),
  },
  {
    id: "conformance/cancelled",
    expected: "bears notifications/cancelled, for a running request and for one that it never had",
    spec: spec("2025-11-25", "basic/utilities/cancellation#error-handling"),
    advice: "Ignore a cancellation of what is unknown or done.",
    run: (peer) =>
      bears(peer, () => {
        peer.session.notify("notifications/cancelled", { requestId: "mooring-never-sent", reason: "check" });
        void peer.request("tools/list", {}, { id: "mooring-cancelled", isOptional: true });
        peer.session.notify("notifications/cancelled", { requestId: "mooring-cancelled", reason: "check" });
      }, []),
  },
  {
    id: "conformance/big-line",
    in: "any",
    expected: "reads a line of 1 MB",
    spec: stdio,
    advice: "Raise the limit of a line; hosts send whole files as arguments.",
    async run(peer) {
      await peer.fence();
      const answer = await peer.fence({ padding: "x".repeat(1_000_000) });
      if (answer.kind === "result" || answer.kind === "error") return pass();
      return fail(describe(answer));
    },
  },
  {
    id: "conformance/no-server-requests",
    in: "2026-07-28",
    expected: "sends no requests to a client of the 2026-07-28 revision",
    spec: spec("2026-07-28", "basic/transports/stdio#receiving-messages"),
    advice: "Ask by a result of type input_required instead.",
    async run(peer) {
      const [first] = peer.session.serverRequests;
      return first ? fail(`it sent ${first.method}`) : pass();
    },
  },
];
