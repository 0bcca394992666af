// What the server lists.
import { type Bench, declares, type Peer } from "../bench.ts";
import { isRecord } from "../json-rpc.ts";
import { describe, fail, type Outcome, pass, skip, warn, worst } from "../outcome.ts";
import type { Answer } from "../raw-session.ts";
import { spec } from "../report.ts";
import type { Check } from "./check.ts";

interface List {
  readonly method: string;
  /** The list in the result. */
  readonly key: string;
  readonly capability: string;
  /** What an entry must have. */
  readonly fields: readonly string[];
  readonly page: string;
}

export const lists: readonly List[] = [
  { method: "tools/list", key: "tools", capability: "tools", fields: ["name"], page: "server/tools#listing-tools" },
  {
    method: "resources/list",
    key: "resources",
    capability: "resources",
    fields: ["uri", "name"],
    page: "server/resources#listing-resources",
  },
  {
    method: "resources/templates/list",
    key: "resourceTemplates",
    capability: "resources",
    fields: ["uriTemplate", "name"],
    page: "server/resources#resource-templates",
  },
  {
    method: "prompts/list",
    key: "prompts",
    capability: "prompts",
    fields: ["name"],
    page: "server/prompts#listing-prompts",
  },
];

/** A list that does not end is left after so many pages. */
const MAX_PAGES = 200;

/** A list with all its pages; `problem` is an answer that is none, or cursors that go round. */
export interface Walk {
  readonly items: readonly unknown[];
  readonly pages: readonly Record<string, unknown>[];
  readonly problem?: Answer | string;
}

export async function walk(peer: Peer, method: string, key: string): Promise<Walk> {
  const items: unknown[] = [];
  const pages: Record<string, unknown>[] = [];
  const seen = new Set<unknown>();
  let params: object = {};
  while (pages.length < MAX_PAGES) {
    const answer = await peer.request(method, params);
    if (answer.kind !== "result") return { items, pages, problem: answer };
    const { [key]: list, nextCursor } = answer.result;
    if (!Array.isArray(list)) return { items, pages, problem: `the result has no list "${key}"` };
    items.push(...(list as unknown[]));
    pages.push(answer.result);
    if (nextCursor === undefined || nextCursor === null) return { items, pages };
    if (typeof nextCursor !== "string") return { items, pages, problem: "nextCursor is no string" };
    if (seen.has(nextCursor)) return { items, pages, problem: "the same nextCursor comes again and again" };
    seen.add(nextCursor);
    params = { cursor: nextCursor };
  }
  return { items, pages, problem: `more than ${MAX_PAGES} pages` };
}

function listCheck({ method, key, capability, fields, page }: List): Check {
  return {
    id: `conformance/${method}`,
    expected: `answers ${method}, all pages, exactly where ${capability} are declared`,
    spec: spec("2025-11-25", page),
    advice: `Declare the capability "${capability}" if there are any, and answer ${method}; else refuse it with -32601.`,
    async run(peer) {
      if (!declares(peer, capability)) return judgeUndeclared(await peer.request(method, {}), key);
      const { items, pages, problem } = await walk(peer, method, key);
      if (typeof problem === "string") return fail(problem);
      // Many servers without templates lack the method, and hosts take that for an empty list.
      if (problem?.kind === "error" && problem.code === -32_601 && method === "resources/templates/list")
        return warn(describe(problem));
      if (problem) return fail(describe(problem));
      const bad = items.find((item) => !isRecord(item) || fields.some((field) => typeof item[field] !== "string"));
      if (bad !== undefined) return fail(`an entry lacks ${fields.join(" or ")}: ${JSON.stringify(bad)}`);
      return pass(`${items.length} in ${pages.length} ${pages.length === 1 ? "page" : "pages"}`);
    },
  };
}

function judgeUndeclared(answer: Answer, key: string): Outcome {
  if (answer.kind === "error") return answer.code === -32_601 ? pass("not declared") : warn(describe(answer));
  if (answer.kind !== "result") return fail(describe(answer));
  const list = answer.result[key];
  return Array.isArray(list) && list.length > 0
    ? fail(`${list.length} are listed, but not declared: clients never ask for them`)
    : warn("an empty list is answered, though not declared");
}

async function refuseCursor(peer: Peer, { method }: List): Promise<Outcome> {
  const answer = await peer.request(method, { cursor: "mooring-made-up-cursor" });
  if (answer.kind === "result") return pass(`${method} ignores it`);
  if (answer.kind !== "error") return fail(`${method}: ${describe(answer)}`);
  // Without the method there is nothing to refuse.
  return answer.code === -32_602 || answer.code === -32_601
    ? pass(`${method} refuses it`)
    : warn(`${method}: ${describe(answer)}, not -32602`);
}

/** Capabilities besides the lists, each with a request that tells whether they are there. */
const provable: readonly (readonly [capability: string, method: string, params: object])[] = [
  [
    "completions",
    "completion/complete",
    { ref: { type: "ref/prompt", name: "mooring_no_such_prompt" }, argument: { name: "x", value: "" } },
  ],
  ["logging", "logging/setLevel", { level: "warning" }],
];

async function proveCapability(peer: Peer, method: string, params: object): Promise<Outcome> {
  const answer = await peer.request(method, params);
  if (answer.kind === "silence" || answer.kind === "end") return fail(`${method}: ${describe(answer)}`);
  return answer.kind === "error" && answer.code === -32_601
    ? fail(`it is declared, but there is no ${method}`)
    : pass();
}

function offersSubscriptions(peer: Peer): boolean {
  const { resources } = peer.greeting["capabilities"] as Record<string, unknown>;
  return isRecord(resources) && resources["subscribe"] === true;
}

function sameInBothRevisions({ greetings }: Bench): Outcome {
  // What the newer revision has no more, or has otherwise.
  const names = [...greetings.values()].map((greeting) =>
    ["tools", "resources", "prompts", "completions"].filter((name) => name in (greeting["capabilities"] as object)),
  );
  return names.length === 2 && String(names[0]) !== String(names[1])
    ? warn(`one revision declares ${String(names[0])}, the other ${String(names[1])}`)
    : pass();
}

export const listing: readonly Check[] = [
  ...lists.map(listCheck),
  {
    id: "conformance/made-up-cursor",
    expected: "refuses a made-up cursor with -32602, or ignores it",
    spec: spec("2025-11-25", "server/utilities/pagination#error-handling"),
    advice: "Check cursors, and answer with -32602 what is none of yours.",
    async run(peer) {
      const declared = lists.filter(({ capability }) => declares(peer, capability));
      if (declared.length === 0) return skip("there are no lists");
      const outcomes: Outcome[] = [];
      for (const list of declared) outcomes.push(await refuseCursor(peer, list));
      return worst(outcomes);
    },
  },
  {
    id: "conformance/capabilities",
    expected: "can do what it declares, in both revisions alike",
    spec: spec("2025-11-25", "basic/lifecycle#capability-negotiation"),
    advice: "Declare a capability only where its methods are there.",
    async run(peer, bench) {
      const outcomes = [sameInBothRevisions(bench)];
      for (const [capability, method, params] of provable)
        // 2026-07-28 has no logging/setLevel.
        if (declares(peer, capability) && (peer.revision === "2025-11-25" || capability !== "logging"))
          outcomes.push(await proveCapability(peer, method, params));
      if (peer.revision === "2025-11-25" && offersSubscriptions(peer))
        outcomes.push(
          await proveCapability(peer, "resources/subscribe", { uri: "mooring-check://nowhere/no-such-resource" }),
        );
      return worst(outcomes);
    },
  },
  {
    id: "conformance/result-fields",
    in: "2026-07-28",
    expected: "results of the 2026-07-28 revision have resultType, lists also ttlMs and one cacheScope",
    spec: spec("2026-07-28", "server/utilities/caching"),
    advice: 'Add "resultType": "complete", ttlMs and cacheScope to the results of lists.',
    async run(peer) {
      for (const { method, key, capability } of lists) {
        if (!declares(peer, capability)) continue;
        const { pages } = await walk(peer, method, key);
        for (const { resultType, ttlMs, cacheScope } of pages) {
          if (resultType !== "complete") return fail(`${method} has no resultType "complete"`);
          if (typeof ttlMs !== "number" || ttlMs < 0) return fail(`${method} has no ttlMs of 0 or more`);
          if (cacheScope !== "public" && cacheScope !== "private") return fail(`${method} has no cacheScope`);
          if (cacheScope !== pages[0]?.["cacheScope"]) return fail(`${method} changes its cacheScope between pages`);
        }
      }
      return pass();
    },
  },
];
