import { fieldsOf, type Fields, type Message, type Request, toLine } from "./message.ts";

/** Lists that a new version may change, and how a subscription of 2026 asks for each. */
export const lists = {
  tools: "toolsListChanged",
  resources: "resourcesListChanged",
  prompts: "promptsListChanged",
} as const;
export type List = keyof typeof lists;
export const listNames = Object.keys(lists) as readonly List[];

/**
 * An answer as the client may see it from a server that changes under it: every list it has may change, and nothing may be
 * kept (2026 tells how long a result stays fresh). `undefined`: as it is.
 */
export function forClient({ method, id }: Request, answer: Message): Buffer | undefined {
  const { result } = answer;
  if (!result) return undefined;
  if (method === "initialize") return toLine({ id, result: withChangingLists(result) });
  if (method === "server/discover") return toLine({ id, result: stale(withChangingLists(result)) });
  return typeof result["ttlMs"] === "number" && result["ttlMs"] > 0 ? toLine({ id, result: stale(result) }) : undefined;
}

function stale(result: Fields): Fields {
  return "ttlMs" in result ? { ...result, ttlMs: 0 } : result;
}

function withChangingLists(result: Fields): Fields {
  const capabilities = fieldsOf(result, "capabilities") ?? {};
  const changing = listNames
    .filter((name) => fieldsOf(capabilities, name))
    .map((name) => [name, { ...fieldsOf(capabilities, name), listChanged: true }]);
  return { ...result, capabilities: { ...capabilities, ...Object.fromEntries(changing) } };
}
