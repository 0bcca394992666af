// How requests are answered.
import { declares } from "../bench.ts";
import { describe, fail, pass, skip, warn } from "../outcome.ts";
import type { Answer } from "../raw-session.ts";
import { spec } from "../report.ts";
import { type Check, refused } from "./check.ts";
import { walk } from "./lists.ts";
import { wrongArguments } from "./wrong-arguments.ts";

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
      // What every server answers has to be known before, since it is asked all at once here.
      await peer.fence();
      const ids = [0, "seven-ü", "424242", 171_717];
      const answers = await Promise.all(ids.map((id) => peer.fence({}, { id })));
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
      await peer.fence();
      const answers = await Promise.all(Array.from({ length: 20 }, () => peer.fence({})));
      const lost = answers.filter(({ kind }) => kind === "silence" || kind === "end");
      return lost.length === 0 ? pass() : fail(`${lost.length} of 20: ${describe(lost[0] as Answer)}`);
    },
  },
];
