/** Finds a byte sequence by its rarest byte: common first bytes make the built-in search stop at every other word. */
export interface Needle {
  readonly bytes: Buffer;
  /** The first occurrence at or behind `from`, or -1. */
  indexIn(haystack: Buffer, from: number): number;
}

// Most frequent first, from source code and English prose; what is absent is rare.
const FREQUENT =
  " etaonirslcdpumh\nf.g_ybv,\"0w)(-1=;'/x2k>:ST3AC<E4IR568N97DLPOMz{}*j[]Fq#B\t$|UHGV&W+YXK@!?JZQ\\%`^~";

function rarity(byte: number): number {
  const rank = FREQUENT.indexOf(String.fromCharCode(byte));
  return rank < 0 ? FREQUENT.length : rank;
}

export function createNeedle(bytes: Buffer): Needle {
  let rare = 0;
  for (let i = 1; i < bytes.length; i++) if (rarity(bytes[i] ?? 0) > rarity(bytes[rare] ?? 0)) rare = i;
  if (rare === 0) return { bytes, indexIn: (haystack, from) => haystack.indexOf(bytes, from) };
  const rest = bytes.subarray(rare);
  const single = rest.length === 1 ? rest[0] : undefined;
  return {
    bytes,
    indexIn(haystack, from) {
      for (let search = from + rare; ; search++) {
        search = haystack.indexOf(single ?? rest, search);
        if (search < 0) return -1;
        let at = 0;
        while (at < rare && haystack[search - rare + at] === bytes[at]) at++;
        if (at === rare) return search - rare;
      }
    },
  };
}
