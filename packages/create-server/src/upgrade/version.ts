/** Whether a version comes after another (semver.org, 11, without build metadata). */
export function isNewer(one: string, other: string): boolean {
  const [a, b] = [parts(one), parts(other)];
  for (const [index, number] of a.numbers.entries()) {
    const difference = number - (b.numbers[index] ?? 0);
    if (difference !== 0) return difference > 0;
  }
  // A version comes after what came before it.
  if (a.before === "" || b.before === "") return a.before === "" && b.before !== "";
  return a.before.localeCompare(b.before, "en", { numeric: true }) > 0;
}

function parts(version: string): { readonly numbers: readonly number[]; readonly before: string } {
  const [, numbers = "", before = ""] = /^([\d.]*)(?:-([^+]*))?/.exec(version) ?? [];
  return { numbers: numbers.split(".").map(Number), before };
}
