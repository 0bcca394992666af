// How requests are answered.
import { declares, envelope, initialize } from "../bench.ts";
import { isRecord } from "../json-rpc.ts";
import { describe, fail, type Outcome, pass, skip, warn, worst } from "../outcome.ts";
import type { Answer } from "../raw-session.ts";
import { spec } from "../report.ts";
import type { Check } from "./check.ts";
import { walk } from "./lists.ts";
import { wrongArguments } from "./wrong-arguments.ts";

/** An error with the code that the specification says; another code is a warning, anything else a failure. */
function refused(answer: Answer, codes: readonly number[]): Outcome {
  if (answer.kind !== "error") return fail(describe(answer));
  return codes.includes(answer.code)
    ? pass(`error ${answer.code}`)
    : warn(`${describe(answer)}, not ${codes.join(" or ")}`);
}

function refusedVersion(answer: Answer): Outcome {
  const outcome = refused(answer, [-32_022]);
  if (outcome.status !== "pass" || answer.kind !== "error") return outcome;
  return isRecord(answer.data) && Array.isArray(answer.data["supported"])
    ? outcome
    : fail(`${describe(answer)} without data.supported`);
}

export const requests: readonly Check[] = [
  {
    id: "conformance/ping",
    in: "2025-11-25",
    expected: "answers ping with an empty result",
    spec: spec("2025-11-25", "basic/utilities/ping"),
    advice: "Answer ping with {}: hosts end servers that do not.",
    async run(peer) {
      const answer = await peer.request("ping");
      if (answer.kind !== "result") return fail(describe(answer));
      return Object.keys(answer.result).length === 0 ? pass() : warn(`the result is not empty: ${describe(answer)}`);
    },
  },
  {
    id: "conformance/unknown-method",
    expected: "refuses an unknown method with -32601",
    spec: spec("2025-11-25", "basic#error-responses"),
    advice: "Answer every request that has an id, unknown ones with error -32601.",
    run: async (peer) => refused(await peer.request("mooring/no-such-method", {}), [-32_601]),
  },
  {
    id: "conformance/ids",
    expected: "gives the id of a request back as it came, strings and numbers alike",
    spec: spec("2025-11-25", "basic#requests"),
    advice: "Copy the id unchanged; 0 is an id too.",
    async run(peer) {
      const fence = peer.revision === "2025-11-25" ? "mooring/no-such-method" : "server/discover";
      const ids = [0, "seven-ü", "424242", 424_242];
      const answers = await Promise.all(ids.map((id) => peer.request(fence, {}, { id })));
      const wrong = ids.filter((_, index) => !["result", "error"].includes(answers[index]?.kind ?? ""));
      if (wrong.length === 0) return pass();
      const came = peer.session.strays.map(({ id }) => JSON.stringify(id));
      const instead = came.length > 0 ? `; instead came answers to ${came.join(", ")}` : "";
      return fail(`no answer to the id ${wrong.map((id) => JSON.stringify(id)).join(", ")}${instead}`);
    },
  },
  {
    id: "conformance/unknown-tool",
    expected: "refuses an unknown tool with -32602",
    spec: spec("2025-11-25", "server/tools#error-handling"),
    advice: "Answer with error -32602, and not with a result: the host, not the model, has made the mistake.",
    async run(peer) {
      if (!declares(peer, "tools")) return skip("no tools are declared");
      const answer = await peer.request("tools/call", { name: "mooring_no_such_tool", arguments: {} });
      if (answer.kind === "result" && answer.result["isError"] === true)
        return warn("it comes as a result with isError, which only models see");
      return refused(answer, [-32_602]);
    },
  },
  {
    id: "conformance/wrong-arguments",
    expected: "refuses arguments that do not fit a tool's input schema",
    spec: spec("2025-11-25", "server/tools#security-considerations"),
    advice: "Validate the arguments against the schema, and answer with isError and a text that says what is wrong.",
    async run(peer) {
      if (!declares(peer, "tools")) return skip("no tools are declared");
      const { items } = await walk(peer, "tools/list", "tools");
      const attack = await wrongArguments(items);
      if (!attack) return skip("no tool says readOnlyHint: true and has arguments that can be wrong");
      const answer = await peer.request("tools/call", attack);
      if (answer.kind === "result")
        return answer.result["isError"] === true
          ? pass(`${attack.name}, with isError`)
          : fail(`${attack.name} answered ${JSON.stringify(attack.arguments)} as if nothing were wrong`);
      if (answer.kind === "error" && answer.code === -32_603) return warn(`${attack.name}: ${describe(answer)}`);
      return answer.kind === "error" ? pass(`${attack.name}, error ${answer.code}`) : fail(describe(answer));
    },
  },
  {
    id: "conformance/unknown-resource",
    expected: "refuses a resource that it does not have",
    spec: spec("2026-07-28", "server/resources#error-handling"),
    advice: "Answer with an error (-32602 since 2026-07-28, -32002 before), never with empty contents.",
    async run(peer) {
      if (!declares(peer, "resources")) return skip("no resources are declared");
      const answer = await peer.request("resources/read", { uri: "mooring-check://nowhere/no-such-resource" });
      return refused(answer, peer.revision === "2026-07-28" ? [-32_602] : [-32_002, -32_602]);
    },
  },
  {
    id: "conformance/unknown-prompt",
    expected: "refuses a prompt that it does not have with -32602",
    spec: spec("2025-11-25", "server/prompts#error-handling"),
    advice: "Answer with error -32602.",
    async run(peer) {
      if (!declares(peer, "prompts")) return skip("no prompts are declared");
      return refused(await peer.request("prompts/get", { name: "mooring_no_such_prompt" }), [-32_602]);
    },
  },
  {
    id: "conformance/concurrent",
    in: "any",
    expected: "answers 20 requests that come at once, each by its id",
    spec: spec("2026-07-28", "basic#statelessness"),
    advice: "Read on while a request is worked on, and answer with the id of the request.",
    async run(peer) {
      const known = peer.revision === "2025-11-25" ? "ping" : "server/discover";
      const methods = Array.from({ length: 20 }, (_, index) => (index % 2 === 0 ? known : "tools/list"));
      const answers = await Promise.all(methods.map((method) => peer.request(method, {})));
      const lost = answers.filter(({ kind }) => kind === "silence" || kind === "end");
      // A server without `ping` is told so elsewhere.
      const isPingless = answers.every(({ kind }, index) => (kind === "silence") === (methods[index] === "ping"));
      return lost.length === 0 || isPingless ? pass() : fail(`${lost.length} of 20: ${describe(lost[0] as Answer)}`);
    },
  },
  {
    id: "conformance/version-negotiation",
    in: "2025-11-25",
    expected: "answers an unknown protocol version with one that it knows",
    spec: spec("2025-11-25", "basic/lifecycle#version-negotiation"),
    advice: "Answer initialize with your latest version when the client's is unknown; never echo what you do not know.",
    async run(_peer, bench) {
      const answer = await initialize(await bench.fresh(), bench.startTimeoutMs, "1999-01-01");
      // An error with the versions that are supported is the specification's own example.
      if (answer.kind === "error") return pass(`error ${answer.code}`);
      if (answer.kind !== "result") return fail(describe(answer));
      const { protocolVersion } = answer.result;
      return protocolVersion === "1999-01-01" || typeof protocolVersion !== "string"
        ? fail(`it agrees to ${JSON.stringify(protocolVersion)}`)
        : pass(protocolVersion);
    },
  },
  {
    id: "conformance/unsupported-version",
    in: "2026-07-28",
    expected: "refuses an unknown protocol version with -32022 and those that it supports",
    spec: spec("2026-07-28", "basic/versioning#protocol-version-negotiation"),
    advice: "Answer with error -32022 and data.supported.",
    async run(peer, bench) {
      const params = { _meta: envelope("1999-01-01") };
      // On a session that already speaks the revision, and as the first request of one.
      const later = refusedVersion(await peer.request("tools/list", params));
      const session = await bench.fresh();
      const first = refusedVersion(
        await session.request("server/discover", params, { timeoutMs: bench.startTimeoutMs }),
      );
      if (first.status !== "pass" || later.status !== "fail") return worst([first, later]);
      // The SDK's own stdio does so up to 2.4.0; clients open with the version, and do not change it.
      return warn(`it does as the first request; later, tools/list gets ${later.detail}`);
    },
  },
  {
    id: "conformance/before-initialize",
    in: "2025-11-25",
    expected: "survives a request that comes before initialize",
    spec: spec("2025-11-25", "basic/lifecycle#initialization"),
    advice: "Refuse it with an error, and wait for initialize.",
    async run(_peer, bench) {
      const session = await bench.fresh();
      // Whether this one is answered is the server's own choice.
      void session.request("tools/list", {}, { timeoutMs: bench.startTimeoutMs, isOptional: true });
      const answer = await initialize(session, bench.startTimeoutMs);
      return answer.kind === "result" ? pass() : fail(`initialize then gets ${describe(answer)}`);
    },
  },
];
