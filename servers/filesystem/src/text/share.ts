/**
 * Shares a budget among files so that small ones get all they need and large ones the same part of the rest
 * (max-min fairness). Bytes in, bytes out, in the order of `needs`.
 */
export function shareFairly(needs: readonly number[], budget: number): number[] {
  const shares = needs.map(() => 0);
  const smallestFirst = needs.map((need, index) => ({ need, index })).toSorted((a, b) => a.need - b.need);
  let left = budget;
  for (const [done, { need, index }] of smallestFirst.entries()) {
    const share = Math.min(need, Math.floor(left / (needs.length - done)));
    shares[index] = share;
    left -= share;
  }
  return shares;
}
