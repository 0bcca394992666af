import type { Database } from "../database.ts";
import { advise } from "./advise.ts";

export { adviceText } from "./report.ts";

/** Advice for a model. Statements that others wrote are shown without their literals, also where the server left some. */
export async function adviseOn(
  database: Database,
  request: Parameters<typeof advise>[1],
  context: Parameters<typeof advise>[2],
): ReturnType<typeof advise> {
  const advice = await advise(database, request, context);
  if (advice.target === "statements") return advice;
  const statements = await Promise.all(
    advice.statements.map(async (each) => ({ ...each, sql: await database.normalize(each.sql) })),
  );
  const skipped = await Promise.all(
    advice.skipped.map(async (each) => ({ ...each, sql: await database.normalize(each.sql).catch(() => "") })),
  );
  return { ...advice, statements, skipped };
}
