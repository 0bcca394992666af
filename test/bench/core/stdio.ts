import { fileURLToPath } from "node:url";
import type { Result } from "../result.ts";
import { launch } from "../stdio-client.ts";

const script = fileURLToPath(new URL("echo-core.ts", import.meta.url));

/** 2,000 calls of 50 ms at once, with the cap lifted and with it. */
export async function benchStdio(): Promise<Result[]> {
  const run = async (flags: readonly string[]) => {
    const client = await launch({ command: process.execPath, args: [script, "1", ...flags] });
    await client.call("echo", { text: "warm" });
    const started = performance.now();
    const refusedAfter: number[] = [];
    const results = await Promise.all(
      Array.from({ length: 2_000 }, async (_, i) => {
        const { result } = await client.call("echo", { text: String(i), ms: 50 });
        if (result.isError) refusedAfter.push(performance.now() - started);
        return result;
      }),
    );
    const ms = performance.now() - started;
    await client.close();
    const kinds = new Set(
      results
        .filter((result) => result.isError)
        .map((result) => JSON.stringify((result as { _meta?: object })._meta).match(/"kind":"(\w+)"/)?.[1]),
    );
    return {
      ms,
      answered: results.filter((result) => !result.isError).length,
      refused: refusedAfter.length,
      kinds: [...kinds],
      slowest: Math.max(0, ...refusedAfter),
    };
  };
  const lifted = await run(["--concurrency", "0"]);
  const capped = await run([]);
  return [
    {
      id: "stdio",
      what: "2,000 calls of 50 ms at once, no cap",
      unit: "ms",
      ours: lifted.answered === 2_000 ? lifted.ms : Number.POSITIVE_INFINITY,
      bar: { at: "≤", value: 2_000 },
      note: `${lifted.answered} results`,
    },
    {
      id: "capped",
      what: "the same with the default cap: last refusal after",
      unit: "ms",
      ours:
        capped.answered + capped.refused === 2_000 && capped.kinds.join() === "rate_limited"
          ? capped.slowest
          : Number.POSITIVE_INFINITY,
      bar: { at: "≤", value: 100 },
      note: `${capped.answered} results, ${capped.refused} rate_limited`,
    },
  ];
}
