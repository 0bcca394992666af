import { setTimeout as sleep } from "node:timers/promises";
import { type Findings, fillPlaceholders } from "@mooring/testing";
import pg from "pg";
import type { Arena, Login } from "./arena.ts";
import { type Attack, textOf } from "./case.ts";
import type { Answer, StartTarget, Target } from "./target.ts";

/** The longest that an answer may be. */
const LARGEST = 2_000_000;
/** After this the client gives up on a case of the kind `dos`, in milliseconds. */
const PATIENCE = 6_000;
const AFTERWARDS = 2_500;

/** Attacks one server again and again; it is started anew, with everything as it was, where a case may have left a trace. */
export function createAttacker(arena: Arena, start: StartTarget, login: Login) {
  let target: Target | undefined;

  async function dispose(): Promise<void> {
    await target?.[Symbol.asyncDispose]();
    target = undefined;
  }

  async function attack(each: Attack): Promise<Findings> {
    const problems: string[] = [];
    // What was believed of the database before no longer holds; that it is believed for a while is said elsewhere.
    if (each.setup) await dispose();
    for (const statement of each.setup ?? []) await arena.check(statement);
    const server = (target ??= await start(arena.url(login)));
    const fill = (text: string) => fillPlaceholders(text, arena.variables);
    const check = async () => {
      if (each.check_via !== "server") return arena.check(each.check);
      const answers: string[] = [];
      for (let i = 0; i < 3; i += 1) answers.push((await server.call("query", { sql: fill(each.check) })).text);
      // The fence around data is another one each time.
      return answers.join("\n").replace(/<\/?untrusted [^>]*>/g, "");
    };
    let dirty = each.pre !== undefined || each.check_via !== undefined || each.setup !== undefined;
    const before = await check();
    for (const sql of each.pre ?? []) await server.call("query", { sql: fill(sql) });
    const sql = fill(textOf(each));
    const judge = (way: string, answer: Answer | "late") => {
      if (answer === "late") {
        dirty = true;
        if (each.must === "reject") problems.push(`${way}: no answer in time`);
        return;
      }
      if (each.must === "reject" && !answer.error) problems.push(`${way}: answered without an error: ${answer.text.slice(0, 300)}`);
      if (!answer.error && each.leak !== undefined && new RegExp(each.leak).test(answer.text))
        problems.push(`${way}: the answer holds ${each.leak}`);
      if (answer.text.length > LARGEST) problems.push(`${way}: the answer has ${answer.text.length} characters`);
    };
    judge("query", await within(server, { sql }));
    // The same by the other tool that takes statements.
    if (each.id.startsWith("explain") && server.tools.has("explain")) {
      const bare = sql.replace(/^\s*explain\s*(\([^)]*\)|(analyze|verbose)\b)*\s*/i, "");
      for (const args of [{ sql }, { sql: bare }, { sql: bare, analyze: true }]) await server.call("explain", args);
    }
    if (each.kind === "dos") await sleep(dirty ? AFTERWARDS : 100);
    const after = await check();
    if (before !== after) {
      dirty = true;
      problems.push(`changed: ${before.slice(0, 200)} became ${after.slice(0, 200)}`);
    }
    if (!server.alive()) {
      dirty = true;
      problems.push("the server ended");
    }
    if (dirty) {
      await dispose();
      await arena.reset();
    }
    return { problems };
  }

  return { attack, [Symbol.asyncDispose]: dispose };
}

async function within(server: Target, args: Record<string, unknown>): Promise<Answer | "late"> {
  const patience = new AbortController();
  const timer = setTimeout(() => patience.abort(), PATIENCE);
  const answer = await server.call("query", args, patience.signal);
  clearTimeout(timer);
  return patience.signal.aborted ? "late" : answer;
}

/**
 * Runs an attack as it is, by a connection of its own that may do anything: what it then does is what the server has to keep it
 * from. Answers what shows, and nothing when nothing does.
 */
export async function runRaw(arena: Arena, each: Attack): Promise<"effect" | "leak" | undefined> {
  for (const statement of each.setup ?? []) await arena.check(statement);
  const before = await arena.check(each.check);
  const client = new pg.Client(arena.url(each.raw ?? "superuser"));
  client.on("error", () => {});
  await client.connect();
  try {
    const answer = await client.query(fillPlaceholders(textOf(each), arena.variables)).catch(() => undefined);
    const shown = JSON.stringify([answer].flat().map((result) => result?.rows), (_, value: unknown) =>
      isBytes(value) ? Buffer.from(value.data).toString("hex") : value,
    );
    if (each.leak !== undefined && new RegExp(each.leak).test(shown)) return "leak";
    return (await arena.check(each.check)) === before ? undefined : "effect";
  } finally {
    await client.end().catch(() => {});
  }
}

/** As a Buffer is in JSON. */
function isBytes(value: unknown): value is { readonly data: readonly number[] } {
  return typeof value === "object" && value !== null && "type" in value && value.type === "Buffer" && "data" in value;
}
