/** How much is said of each object. */
export const details = ["names", "columns", "ddl", "full"] as const;
export type Detail = (typeof details)[number];

/** Objects that one page describes at most, by detail; a larger page would cost the planner's compiler. */
export function mostOf(detail: Detail, limit: number): number {
  return detail === "ddl" || detail === "full" ? Math.min(limit, 50) : limit;
}
