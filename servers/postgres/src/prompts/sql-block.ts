/** SQL of the person between backticks that it cannot end. */
export function sqlBlock(sql: string): string {
  const longest = Math.max(2, ...(sql.match(/`+/g) ?? []).map((run) => run.length));
  const fence = "`".repeat(longest + 1);
  return `${fence}sql\n${sql.trim()}\n${fence}`;
}
