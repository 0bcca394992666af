import type { CheckContext, QueryCheck } from "../../../src/health/check.ts";
import type { Finding } from "../../../src/health/finding.ts";
import type { Value } from "../../../src/row-set.ts";

const DAY = 86_400;

/** A context without a database, for judging rows. */
export const context = {
  surroundings: {
    roles: { pg_read_all_stats: true, pg_monitor: true },
    statements: undefined,
    countedSeconds: 10 * DAY,
  },
  statement: async (sql: Value) => `<${sql}>`,
} as unknown as CheckContext;

/** What a check says of rows; columns that are not given are NULL. */
export async function judge<Columns extends string>(
  check: QueryCheck<Columns>,
  rows: readonly Partial<Record<Columns, Value>>[],
  more: Partial<CheckContext> = {},
): Promise<readonly Finding[]> {
  const whole = rows.map((row) => new Proxy(row, { get: (target, name) => Reflect.get(target, name) ?? null }));
  return check.evaluate(whole as never, { ...context, ...more });
}
