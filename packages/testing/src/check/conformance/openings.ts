// How a session begins: each of these takes a process of its own.
import { envelope, initialize } from "../bench.ts";
import { isRecord } from "../json-rpc.ts";
import { describe, fail, type Outcome, pass, warn, worst } from "../outcome.ts";
import type { Answer } from "../raw-session.ts";
import { spec } from "../report.ts";
import { type Check, refused } from "./check.ts";

function refusedVersion(answer: Answer): Outcome {
  const outcome = refused(answer, [-32_022]);
  if (outcome.status !== "pass" || answer.kind !== "error") return outcome;
  return isRecord(answer.data) && Array.isArray(answer.data["supported"])
    ? outcome
    : fail(`${describe(answer)} without data.supported`);
}

export const openings: readonly Check[] = [
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
