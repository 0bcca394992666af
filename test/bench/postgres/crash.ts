import { setTimeout as pause } from "node:timers/promises";
import type { Result } from "../result.ts";
import { launch } from "../stdio-client.ts";
import type { Contenders } from "./contenders.ts";
import { withClient } from "./fixture.ts";

const CALLERS = 32;
/** A call that has neither a result nor a mapped error by then counts as hung, in milliseconds. */
const HUNG = 5_000;

/** The whole server falls over and recovers under 32 callers, three times: calls without an answer, and their slowest. */
export async function benchCrash(url: string, sides: Contenders): Promise<Result[]> {
  const client = await launch(sides.ours.launch);
  const answers = new Map<string, number>();
  let lost = 0;
  let slowest = 0;
  let over = false;
  const load = Promise.all(
    Array.from({ length: CALLERS }, async () => {
      for (let i = 0; !over; i++) {
        const from = performance.now();
        const call = client.call("query", { sql: `SELECT name FROM items WHERE id = ${i % 1_000}` });
        const answer = await Promise.race([call, pause(HUNG)]).catch(() => undefined);
        slowest = Math.max(slowest, performance.now() - from);
        if (!answer) lost += 1;
        else {
          const { _meta, isError } = answer.result as { _meta?: Record<string, { kind?: string }>; isError?: boolean };
          const kind = isError ? (_meta?.["mooring/error"]?.kind ?? "unmapped") : "ok";
          if (kind === "unmapped" || kind === "internal") lost += 1;
          answers.set(kind, (answers.get(kind) ?? 0) + 1);
        }
      }
    }),
  );
  for (let round = 0; round < 3; round++) {
    await pause(500);
    // One backend killed without notice makes the postmaster end all of them and recover.
    await withClient(url, async (admin) => {
      const { rows } = await admin.query<{ pid: number }>("SELECT pg_backend_pid() AS pid");
      admin.on("error", () => {});
      process.kill(rows[0]?.pid ?? 0, "SIGKILL");
    }).catch(() => {});
    await pause(1_500);
  }
  over = true;
  await load;
  await client.close();
  const said = [...answers].map(([kind, count]) => `${count} ${kind}`).join(", ");
  return [
    {
      id: "pg-crash",
      what: "calls without an answer while the server falls over three times, 32 callers",
      unit: "calls",
      ours: lost,
      bar: { at: "≤", value: 0 },
      note: `${said}; slowest ${Math.round(slowest)} ms`,
    },
  ];
}
