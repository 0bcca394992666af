export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2
    ? (sorted[middle] as number)
    : ((sorted[middle - 1] as number) + (sorted[middle] as number)) / 2;
}

/**
 * Runs each contender once per round, in an order that alternates, so that a slow moment of a shared machine hits all of
 * them. The first round warms up and does not count.
 */
export async function interleaved<K extends string>(
  rounds: number,
  contenders: Readonly<Record<K, () => Promise<number> | number>>,
): Promise<Record<K, number[]>> {
  const names = Object.keys(contenders) as K[];
  const figures = Object.fromEntries(names.map((name) => [name, [] as number[]])) as Record<K, number[]>;
  for (let round = 0; round <= rounds; round++)
    for (const name of round % 2 ? names : [...names].reverse()) {
      const figure = await contenders[name]();
      if (round > 0) figures[name].push(figure);
    }
  return figures;
}
