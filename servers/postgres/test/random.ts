/** Random choices that come again with their seed (mulberry32). */
export function random(seed: number) {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
  const int = (below: number) => Math.floor(next() * below);
  return {
    /** 0 up to, without, `below`. */
    int,
    chance: (share: number) => next() < share,
    pick<Item>(items: readonly Item[]): Item {
      return items[int(items.length)] as Item;
    },
  };
}
